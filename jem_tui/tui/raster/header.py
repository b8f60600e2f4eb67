"""The first row of a chart: what it shows, and the newest numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from jem_tui.tui.raster.curves import Curve
from jem_tui.tui.raster.plot import Ink, Plot
from jem_tui.tui.raster.ticks import VALUE_WIDTH, percent_text, value_text

_LINE_SIGN = "━"
_POINT_SIGN = "•"
_SPACE = 2


def write_header(chart: Plot, title: str, curves: Sequence[Curve], percent: bool) -> None:
    """Title and legend at the left; the newest smoothed and raw value of the first curve at the right.

    Without room for all of it the raw value goes first, then the first curve's name, then the legend.
    """
    chart.write(0, 0, title, Ink.TITLE)
    curves = [curve for curve in curves if not curve.ahead]
    text = percent_text if percent else value_text
    legend = _legend([curve for curve in curves if curve.run is None], text) if len(curves) > 1 else []
    values = _values(curves, text)
    room = chart.glyphs.shape[1] - len(title)
    for entries, numbers in [(legend, values), (legend, values[:1]), (legend[1:], values[:1]), ([], values[:1])]:
        if _width(entries, numbers) <= room:
            _write_entries(chart, len(title) + _SPACE, entries)
            _write_values(chart, numbers)
            return


@dataclass(frozen=True, slots=True)
class _Entry:
    sign: str
    label: str
    ink: Ink


def _legend(curves: Sequence[Curve], text: Callable[[float], str]) -> list[_Entry]:
    """A sign and a name for each curve, with the newest value of sparse ones."""
    entries = []
    for index, curve in enumerate(curves):
        sign = _POINT_SIGN if curve.points else _LINE_SIGN
        value = f" {text(float(curve.smooth[-1]))}" if curve.points and len(curve.x) else ""
        entries.append(_Entry(sign, f" {curve.label}{value}", Ink.SECOND_LINE if index else Ink.LINE))
    return entries


def _values(curves: Sequence[Curve], text: Callable[[float], str]) -> list[tuple[str, Ink]]:
    """The newest smoothed and raw value of the first curve."""
    if not curves or not len(curves[0].x):
        return []
    ink = Ink.LINE if curves[0].run is None else Ink(Ink.RUN_0 + curves[0].run)
    return [(text(float(curves[0].smooth[-1])), ink), (text(float(curves[0].raw[-1])), Ink.BAND)]


def _width(entries: Sequence[_Entry], values: Sequence[tuple[str, Ink]]) -> int:
    return sum(_SPACE + 1 + len(entry.label) for entry in entries) + (VALUE_WIDTH + 1) * len(values)


def _write_entries(chart: Plot, column: int, entries: Sequence[_Entry]) -> None:
    for entry in entries:
        chart.write(0, column, entry.sign, entry.ink)
        chart.write(0, column + 1, entry.label, Ink.AXIS)
        column += 1 + len(entry.label) + _SPACE


def _write_values(chart: Plot, values: Sequence[tuple[str, Ink]]) -> None:
    """Columns of fixed width, the last one at the right edge."""
    column = chart.glyphs.shape[1] - (VALUE_WIDTH + 1) * len(values)
    for value, ink in values:
        chart.write(0, column + 1, value.rjust(VALUE_WIDTH), ink)
        column += VALUE_WIDTH + 1
