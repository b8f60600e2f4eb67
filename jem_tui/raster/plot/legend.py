"""Header of a chart: its title, its legend and its current values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from jem_tui.raster.cells.glyphs import width_of
from jem_tui.raster.plot.canvas import Canvas, Ink
from jem_tui.raster.plot.columns.curves import Curve
from jem_tui.raster.plot.cursor import values_at
from jem_tui.raster.plot.scales.axis import ScaleName
from jem_tui.raster.plot.scales.value_texts import (
    COMPACT_PERCENT_WIDTH,
    COMPACT_WIDTH,
    VALUE_WIDTH,
    compact_percent,
    compact_value,
    percent_text,
    value_text,
)

AVERAGE, RAW = "avg", "raw"
"""Names of the two values of a curve: the exponential moving average, and the value itself."""
_LINE_SIGN = "━"
_POINT_SIGN = "•"
_SPACE = 2
Format = Callable[[float], str]


@dataclass(frozen=True, slots=True)
class _Entry:
    """Sign and name of a curve, or the name of the scale."""

    sign: str
    label: str
    ink: Ink

    @property
    def width(self) -> int:
        return _SPACE + len(self.sign) + width_of(self.label)


@dataclass(frozen=True, slots=True)
class _Figure:
    """Value at the right, in a column of fixed width after its name."""

    entry: _Entry
    value: str
    value_width: int = VALUE_WIDTH

    @property
    def width(self) -> int:
        return self._named + self.value_width + 1

    @property
    def _named(self) -> int:
        return self.entry.width - 1 if self.entry.label else 0

    def write(self, chart: Canvas, column: int) -> None:
        """Write the name and the value, both separated from what is before by a column at least."""
        if self.entry.label:
            _write_entries(chart, column + 1, [self.entry])
        chart.write(0, column + self._named + 1, self.value.rjust(self.value_width), self.entry.ink)


def write_header(
    chart: Canvas,
    title: str,
    curves: Sequence[Curve],
    percent: bool,
    scale: ScaleName = "linear",
    cursor: float | None = None,
) -> None:
    """Write title and legend at the left, and named values at the right: average and raw value, or the averages of several
    lines, or those of all runs in the order and the colours of their curves.

    The values are those at the cursor, or the newest. A narrow header drops the name of the first curve and of the scale first.
    Then it shortens the values and names the raw one alone, and drops the raw value and all names last. Names of several lines become letters.
    The values of runs are left out where not all of them fit.
    """
    chart.write(0, 0, title, Ink.TITLE)
    curves = [curve for curve in curves if not curve.ahead and len(curve.x)]
    if not curves:
        return
    room = chart.glyphs.shape[1] - width_of(title)
    scales = [_Entry("", scale, Ink.AXIS)] if scale != "linear" else []
    for entries, figures in _forms(curves, percent, cursor, scales):
        if sum(entry.width for entry in entries) + sum(figure.width for figure in figures) <= room:
            _write_entries(chart, width_of(title) + _SPACE, entries)
            column = chart.glyphs.shape[1] - sum(figure.width for figure in figures)
            for figure in figures:
                figure.write(chart, column)
                column += figure.width
            return


def _forms(
    curves: Sequence[Curve], percent: bool, cursor: float | None, scales: Sequence[_Entry]
) -> Iterator[tuple[Sequence[_Entry], Sequence[_Figure]]]:
    """Yield the contents of a header from the widest to the narrowest."""
    text = percent_text if percent else value_text
    own = [curve for curve in curves if curve.run is None]
    lines = [curve for curve in own if not curve.points]
    if len(lines) > 1:
        named = list(_line_figures(lines, text, cursor))
        short = [_lettered(each, each.entry.label[1:2]) for each in named]
        yield from (([*scales], named), ([], named), ([], short), ([], [_unnamed(each) for each in named]))
        yield [], [_unnamed(named[0])]
        return
    of_runs = [curve for curve in curves if curve.run is not None]
    if len(of_runs) > 1:
        yield from _forms_of_runs(of_runs, percent, cursor, scales)
        return
    legend = list(_legend(own, text, cursor)) if len(curves) > 1 else []
    figures = list(_curve_figures(curves[0], text, cursor))
    compact = list(_compact_figures(curves[0], percent, cursor))
    only_raw_named = [_unnamed(compact[0]), *compact[1:]]
    yield from (([*scales, *legend], figures), ([*scales, *legend[1:]], figures))
    for entries in (legend[1:], []):
        forms = (figures, compact, only_raw_named, figures[:1], compact[:1], [_unnamed(figures[0])], only_raw_named[:1])
        yield from ((entries, form) for form in forms)


def _forms_of_runs(
    curves: Sequence[Curve], percent: bool, cursor: float | None, scales: Sequence[_Entry]
) -> Iterator[tuple[Sequence[_Entry], Sequence[_Figure]]]:
    """Yield the contents of a header with the average of every run, the last without any value."""
    wide_text, narrow_text = (percent_text, compact_percent) if percent else (value_text, compact_value)
    wide = [_run_figure(curve, wide_text, VALUE_WIDTH, cursor) for curve in curves]
    narrow = [_run_figure(curve, narrow_text, COMPACT_WIDTH, cursor) for curve in curves]
    yield from (([*scales], wide), ([], wide), ([], narrow), ([], []))


def _lettered(figure: _Figure, letter: str) -> _Figure:
    """Return the figure with one letter as its name."""
    return replace(figure, entry=replace(figure.entry, sign="", label=letter))


def _compact_figures(curve: Curve, percent: bool, cursor: float | None) -> Iterator[_Figure]:
    """Yield average and raw value of a curve in narrow columns, wider only for values that need it."""
    text, width = (compact_percent, COMPACT_PERCENT_WIDTH) if percent else (compact_value, COMPACT_WIDTH)
    for figure in _curve_figures(curve, text, cursor):
        yield replace(figure, value_width=max(width, len(figure.value)))


def _unnamed(figure: _Figure) -> _Figure:
    return replace(figure, entry=replace(figure.entry, sign="", label=""))


def _legend(curves: Sequence[Curve], text: Format, cursor: float | None) -> Iterator[_Entry]:
    """Yield a sign and a name for each curve, with the values of points after the first curve."""
    for index, curve in enumerate(curves):
        sign = _POINT_SIGN if curve.points else _LINE_SIGN
        value = f" {text(values_at(curve, cursor)[0])}" if index or curve.points else ""
        yield _Entry(sign, f" {curve.label}{value}", Ink.SECOND_LINE if index else Ink.LINE)


def _curve_figures(curve: Curve, text: Format, cursor: float | None) -> Iterator[_Figure]:
    """Yield average and raw value of a curve; the one value of points has no name."""
    ink = Ink.LINE if curve.run is None else Ink(Ink.RUN_0 + curve.run)
    smooth, raw = values_at(curve, cursor)
    yield _Figure(_Entry("", "" if curve.points else AVERAGE, ink), text(smooth))
    if not curve.points:
        yield _Figure(_Entry("", RAW, Ink.RAW_VALUE if curve.run is None else Ink.AXIS), text(raw))


def _run_figure(curve: Curve, text: Format, width: int, cursor: float | None) -> _Figure:
    """Return the average of the curve of a run, in the colour of the run."""
    value = text(values_at(curve, cursor)[0])
    return _Figure(_Entry("", "", Ink(Ink.RUN_0 + (curve.run or 0))), value, max(width, len(value)))


def _line_figures(lines: Sequence[Curve], text: Format, cursor: float | None) -> Iterator[_Figure]:
    """Yield the average of each line with its sign and its name, the first line first."""
    for index, curve in enumerate(lines):
        entry = _Entry(_LINE_SIGN, f" {curve.label}", Ink.SECOND_LINE if index else Ink.LINE)
        yield _Figure(entry, text(values_at(curve, cursor)[0]))


def _write_entries(chart: Canvas, column: int, entries: Sequence[_Entry]) -> None:
    for entry in entries:
        chart.write(0, column, entry.sign, entry.ink)
        chart.write(0, column + len(entry.sign), entry.label, Ink.AXIS)
        column += entry.width
