"""Header of a chart: its title, its legend and its current values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from jem_tui.raster.cells.glyphs import width_of
from jem_tui.raster.plot.axis import ScaleName
from jem_tui.raster.plot.canvas import Canvas, Ink
from jem_tui.raster.plot.cursor import values_at
from jem_tui.raster.plot.curves import Curve
from jem_tui.raster.plot.ticks import VALUE_WIDTH, percent_text, value_text

_LINE_SIGN = "━"
_POINT_SIGN = "•"
_SPACE = 2


def write_header(
    chart: Canvas,
    title: str,
    curves: Sequence[Curve],
    percent: bool,
    scale: ScaleName = "linear",
    cursor: float | None = None,
) -> None:
    """Write title and legend at the left, the smoothed and raw value of the first curve at the right.

    The values are those at the cursor, or the newest. A narrow header drops the raw value first, then the name of the scale,
    the name of the first curve and the legend.
    """
    chart.write(0, 0, title, Ink.TITLE)
    curves = [curve for curve in curves if not curve.ahead and len(curve.x)]
    text = percent_text if percent else value_text
    scales = [_Entry("", scale, Ink.AXIS)] if scale != "linear" else []
    legend = _legend([curve for curve in curves if curve.run is None], text, cursor) if len(curves) > 1 else []
    values = _values(curves, text, cursor)
    room = chart.glyphs.shape[1] - width_of(title)
    for entries, numbers in [
        ([*scales, *legend], values),
        ([*scales, *legend], values[:1]),
        (legend, values[:1]),
        (legend[1:], values[:1]),
        ([], _pair(curves, text, cursor)),
        (scales, values[:1]),
        ([], values[:1]),
    ]:
        if numbers and _width(entries, numbers) <= room:
            _write_entries(chart, width_of(title) + _SPACE, entries)
            _write_values(chart, numbers)
            return


@dataclass(frozen=True, slots=True)
class _Entry:
    sign: str
    label: str
    ink: Ink

    @property
    def width(self) -> int:
        return len(self.sign) + width_of(self.label)


def _legend(curves: Sequence[Curve], text: Callable[[float], str], cursor: float | None) -> list[_Entry]:
    """Return a sign and a name for each curve, with the values of all but the first."""
    entries = []
    for index, curve in enumerate(curves):
        sign = _POINT_SIGN if curve.points else _LINE_SIGN
        value = f" {text(values_at(curve, cursor)[0])}" if index or curve.points else ""
        entries.append(_Entry(sign, f" {curve.label}{value}", Ink.SECOND_LINE if index else Ink.LINE))
    return entries


def _values(curves: Sequence[Curve], text: Callable[[float], str], cursor: float | None) -> list[tuple[str, Ink]]:
    """Return the smoothed and the raw value of the first curve with their inks; one value for points."""
    if not curves:
        return []
    first = curves[0]
    ink = Ink.LINE if first.run is None else Ink(Ink.RUN_0 + first.run)
    smooth, raw = values_at(first, cursor)
    return [(text(smooth), ink), *([] if first.points else [(text(raw), Ink.RAW_VALUE)])]


def _pair(curves: Sequence[Curve], text: Callable[[float], str], cursor: float | None) -> list[tuple[str, Ink]]:
    """Return the smoothed values of exactly two lines with their inks, which replace a legend; else nothing."""
    lines = [curve for curve in curves if not curve.points and curve.run is None]
    if len(lines) != 2:
        return []
    return [
        (text(values_at(curve, cursor)[0]), ink) for curve, ink in zip(lines, (Ink.LINE, Ink.SECOND_LINE), strict=True)
    ]


def _width(entries: Sequence[_Entry], values: Sequence[tuple[str, Ink]]) -> int:
    return sum(_SPACE + entry.width for entry in entries) + (VALUE_WIDTH + 1) * len(values)


def _write_entries(chart: Canvas, column: int, entries: Sequence[_Entry]) -> None:
    for entry in entries:
        chart.write(0, column, entry.sign, entry.ink)
        chart.write(0, column + len(entry.sign), entry.label, Ink.AXIS)
        column += entry.width + _SPACE


def _write_values(chart: Canvas, values: Sequence[tuple[str, Ink]]) -> None:
    """Write values in columns of fixed width, the last one at the right edge."""
    column = chart.glyphs.shape[1] - (VALUE_WIDTH + 1) * len(values)
    for value, ink in values:
        chart.write(0, column + 1, value.rjust(VALUE_WIDTH), ink)
        column += VALUE_WIDTH + 1
