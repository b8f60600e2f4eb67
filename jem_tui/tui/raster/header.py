"""The first row of a chart: what it shows, and the newest numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from jem_tui.tui.raster.curves import Curve
from jem_tui.tui.raster.plot import Ink, Plot
from jem_tui.tui.raster.ticks import VALUE_WIDTH, percent_text, value_text

_LINE_SIGN = "━"
_POINT_SIGN = "•"


def write_header(chart: Plot, title: str, curves: Sequence[Curve], percent: bool) -> None:
    """Title and legend at the left; the newest smoothed and raw value of the first curve at the right, as far as there is room."""
    text = percent_text if percent else value_text
    chart.write(0, 0, title, Ink.TITLE)
    room = chart.glyphs.shape[1] - len(title) - 1
    values = [(curve.smooth[-1], curve.raw[-1]) for curve in curves[:1] if len(curve.x)]
    right = chart.glyphs.shape[1]
    for smooth, raw in values:
        right = _write_values(chart, text(float(smooth)), text(float(raw)), room)
    if len(curves) > 1:
        _write_legend(chart, curves, len(title) + 2, right, text)


def _write_values(chart: Plot, smooth: str, raw: str, room: int) -> int:
    """Smoothed and raw value in columns of fixed width, or the smoothed one alone; the column where they begin."""
    right: int = chart.glyphs.shape[1]
    if room >= 2 * VALUE_WIDTH + 1:
        right -= VALUE_WIDTH
        chart.write(0, right, raw.rjust(VALUE_WIDTH), Ink.BAND)
        right -= 1
    if room >= VALUE_WIDTH:
        right -= VALUE_WIDTH
        chart.write(0, right, smooth.rjust(VALUE_WIDTH), Ink.LINE)
    return right


def _write_legend(chart: Plot, curves: Sequence[Curve], left: int, right: int, text: Callable[[float], str]) -> None:
    """A sign and a name for each curve, with the newest value of sparse ones; those without room are left out."""
    for index, curve in enumerate(curves):
        sign = _POINT_SIGN if curve.points else _LINE_SIGN
        label = f" {curve.label}"
        if curve.points and len(curve.x):
            label += f" {text(float(curve.smooth[-1]))}"
        if left + 1 + len(label) >= right:
            return
        chart.write(0, left, sign, Ink.SECOND_LINE if index else Ink.LINE)
        chart.write(0, left + 1, label, Ink.AXIS)
        left += len(label) + 3
