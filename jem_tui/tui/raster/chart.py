"""A whole chart as cells: the header, the axes, and the plot between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from jem_tui.tui.raster.axes import Frame, write_x_axis, write_y_axis
from jem_tui.tui.raster.curves import Curve, Envelope, band, line, widened
from jem_tui.tui.raster.header import write_header
from jem_tui.tui.raster.plot import (
    DOTS_HIGH,
    DOTS_WIDE,
    Dots,
    Ink,
    Layer,
    Plot,
    fill,
    mark_lines,
    not_finite,
    scatter,
    stack,
    to_columns,
    to_rows,
)
from jem_tui.tui.raster.ranges import StableRange, robust_limits, x_limits
from jem_tui.tui.raster.scale import Limits

_MARKER = ord("•")
_BAND_REACH = DOTS_WIDE
"""Columns of dots that a value of the band covers to either side: without them it is scraps that come and go."""
_CELLS_PER_MARKER = 3
"""Points that are closer than this on average are dots."""
_EMPTY = "waiting for the first step"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """What to draw; `y_range` keeps the y axis steady from one drawing to the next."""

    title: str
    curves: Sequence[Curve]
    marks: Sequence[float]
    percent: bool
    y_range: StableRange


@dataclass(frozen=True, slots=True)
class _Measured:
    """A curve by columns of dots."""

    curve: Curve
    raw: Envelope
    smooth: Envelope
    line_ink: Ink
    band_ink: Ink

    def marked(self, columns: int) -> bool:
        """Whether the curve is points that do not run into one another as markers."""
        return self.curve.points and len(self.curve.x) * _CELLS_PER_MARKER <= columns

    def dots(self, x_axis: Limits, y_axis: Limits, columns: int, rows: int) -> Dots:
        """The smoothed line, or points by themselves; none for what has markers."""
        if not self.curve.points:
            return fill(self.smooth, y_axis, rows * DOTS_HIGH)
        shown = slice(0, 0 if self.marked(columns) else None)
        return scatter(self.curve.x[shown], self.curve.smooth[shown], x_axis, y_axis, (columns, rows))


def draw_chart(chart: Chart, columns: int, rows: int) -> Plot:
    """Draw on `columns` × `rows` cells; labels, legend and the second number go as room runs out."""
    canvas = Plot.blank(columns, rows)
    if not columns or not rows:
        return canvas
    write_header(canvas, chart.title, chart.curves, chart.percent)
    frame = Frame.within(columns, rows)
    curves = [curve for curve in chart.curves if len(curve.x)]
    if not curves:
        _write_empty(canvas)
    elif frame.plot_rows > 0:
        _draw_curves(canvas, frame, chart, curves)
    return canvas


def _write_empty(canvas: Plot) -> None:
    rows, columns = canvas.glyphs.shape
    if rows > 1:
        canvas.write(rows // 2, max(0, (columns - len(_EMPTY)) // 2), _EMPTY, Ink.AXIS)


def _draw_curves(canvas: Plot, frame: Frame, chart: Chart, curves: Sequence[Curve]) -> None:
    """Fill the frame: measure by columns, settle the y axis, then draw."""
    x_axis = x_limits(float(min(curve.x[0] for curve in curves)), float(max(curve.x[-1] for curve in curves)))
    width = frame.plot_columns * DOTS_WIDE
    measured = [_measure(curve, index, x_axis, width) for index, curve in enumerate(curves)]
    wanted = robust_limits([each.raw for each in measured], [each.smooth for each in measured])
    scale = chart.y_range.fit(*(wanted or (0.0, 1.0)), frame.plot_rows)
    y_axis = scale.limits
    plot = stack(_layers(measured, chart.marks, x_axis, y_axis, frame), frame.plot_columns, frame.plot_rows)
    for each in measured:
        if each.marked(frame.plot_columns):
            _put_markers(plot, each, x_axis, y_axis)
    canvas.glyphs[1 : frame.bottom, frame.left :] = plot.glyphs
    canvas.inks[1 : frame.bottom, frame.left :] = plot.inks
    write_y_axis(canvas, frame, scale, chart.percent)
    write_x_axis(canvas, frame, x_axis)


def _measure(curve: Curve, index: int, x_axis: Limits, width: int) -> _Measured:
    smooth = line(curve.x, curve.smooth, x_axis, width)
    raw = smooth if curve.points else band(curve.x, curve.raw, x_axis, width)
    inks = (Ink.SECOND_LINE, Ink.SECOND_BAND) if index else (Ink.LINE, Ink.BAND)
    if curve.ahead:
        inks = (Ink.AHEAD, Ink.AHEAD)
    elif curve.run is not None:
        inks = (Ink(Ink.RUN_0 + curve.run), Ink.BAND)
    return _Measured(curve, raw, smooth, *inks)


def _layers(
    measured: Sequence[_Measured], marks: Sequence[float], x_axis: Limits, y_axis: Limits, frame: Frame
) -> list[Layer]:
    """Bands at the bottom, then marks, then lines with the first curve's on top, then what is not a number."""
    height = frame.plot_rows * DOTS_HIGH
    return [
        *(
            Layer(fill(widened(each.raw, _BAND_REACH), y_axis, height), each.band_ink)
            for each in measured
            if not each.curve.points and not each.curve.ahead and each.curve.run is None
        ),
        Layer(mark_lines(marks, x_axis, frame.plot_columns, frame.plot_rows), Ink.MARK),
        *(
            Layer(each.dots(x_axis, y_axis, frame.plot_columns, frame.plot_rows), each.line_ink)
            for each in reversed(measured)
        ),
        *(Layer(not_finite(each.raw, height), Ink.MARK) for each in measured if not each.curve.ahead),
    ]


def _put_markers(plot: Plot, measured: _Measured, x_axis: Limits, y_axis: Limits) -> None:
    """A marker on each finite point."""
    rows, columns = plot.glyphs.shape
    finite = np.isfinite(measured.curve.smooth)
    column = to_columns(measured.curve.x[finite], x_axis, columns)
    row = to_rows(measured.curve.smooth[finite], y_axis, rows * DOTS_HIGH) // DOTS_HIGH
    plot.glyphs[row, column] = _MARKER
    plot.inks[row, column] = measured.line_ink
