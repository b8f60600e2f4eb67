"""Charts as cells: a header, two axes, the plot between them, and a cursor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from jem_tui.raster.plot.alerts import put_alerts, put_hidden
from jem_tui.raster.plot.axes import Frame, write_x_axis, write_y_axis
from jem_tui.raster.plot.bucketed import BucketedCurve, bucket_curve
from jem_tui.raster.plot.canvas import (
    DOTS_HIGH,
    DOTS_WIDE,
    Canvas,
    Ink,
    Layer,
    fill,
    shade_between,
    stack,
    to_columns,
    to_rows,
)
from jem_tui.raster.plot.columns.curves import Curve, widen
from jem_tui.raster.plot.cursor import put_cursor
from jem_tui.raster.plot.legend import write_header
from jem_tui.raster.plot.ranges import StableRange, nonempty_limits, robust_limits, x_limits
from jem_tui.raster.plot.scales.scale import Limits
from jem_tui.raster.plot.scales.warp import LINEAR, Warp

_MARKER = ord("•")
_REACH = DOTS_WIDE
"""Columns of dots by which each extreme is widened to either side: an envelope of single columns flickers."""
_EMPTY = "waiting for the first step"
_NOTHING_HERE = "nothing here"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Data and options of a chart; `y_range` keeps the y axis steady from one drawing to the next."""

    title: str
    curves: Sequence[Curve]
    y_range: StableRange
    percent: bool = False
    gap: bool = False
    """Shade the area between the first two curves."""
    warp: Warp = LINEAR
    unit: str = "images"
    """Unit of the x axis; times are in seconds."""
    x_axis: Limits | None = None
    """Limits of the x axis; None for all points."""


@dataclass(frozen=True, slots=True)
class ChartBody:
    """Chart without its header and its cursor."""

    chart: Chart
    canvas: Canvas
    frame: Frame
    x_axis: Limits

    @property
    def size(self) -> tuple[int, int]:
        """Columns and rows of the chart in cells."""
        return self.frame.columns, self.frame.rows

    def x_at(self, column: int) -> float:
        """Return the value at the middle of a column of cells, or at the nearest edge of the plot."""
        share = (column - self.frame.left + 0.5) / max(1, self.frame.plot_columns)
        return self.x_axis[0] + min(1.0, max(0.0, share)) * (self.x_axis[1] - self.x_axis[0])


def draw_body(chart: Chart, columns: int, rows: int) -> ChartBody:
    """Draw the axes and the plot on `columns` × `rows` cells: the expensive part of a chart, independent of the cursor."""
    canvas = Canvas.blank(columns, rows)
    frame = Frame.within(columns, rows)
    curves = [curve for curve in chart.curves if len(curve.x)]
    x_axis = nonempty_limits(*chart.x_axis) if chart.x_axis else _full_limits(curves)
    if not columns or not rows:
        return ChartBody(chart, canvas, frame, x_axis)
    if not curves:
        _write_in_the_middle(canvas, _EMPTY)
    elif frame.plot_rows > 0:
        _draw_curves(canvas, frame, chart, curves, x_axis)
    return ChartBody(chart, canvas, frame, x_axis)


def add_header_and_cursor(drawing: ChartBody, cursor: float | None) -> Canvas:
    """Return the chart with its header and its cursor; the header has the values at `cursor`, or the newest without one."""
    canvas, chart = drawing.canvas, drawing.chart
    if not canvas.glyphs.size:
        return canvas
    canvas = canvas.copy()
    curves = [curve for curve in chart.curves if len(curve.x)]
    scale = "linear" if drawing.frame.has_foot else chart.warp.name
    write_header(canvas, chart.title, chart.curves, chart.percent, scale, cursor)
    if cursor is not None and curves:
        put_cursor(canvas, drawing.frame, drawing.x_axis, cursor)
    return canvas


def _full_limits(curves: Sequence[Curve]) -> Limits:
    if not curves:
        return 0.0, 1.0
    return x_limits(float(min(curve.x[0] for curve in curves)), float(max(curve.x[-1] for curve in curves)))


def _write_in_the_middle(canvas: Canvas, text: str) -> None:
    rows, columns = canvas.glyphs.shape
    if rows > 1:
        canvas.write(rows // 2, max(0, (columns - len(text)) // 2), text, Ink.AXIS)


def _draw_curves(canvas: Canvas, frame: Frame, chart: Chart, curves: Sequence[Curve], x_axis: Limits) -> None:
    """Reduce the curves to columns, fit the y axis, and draw both into the frame."""
    width = frame.plot_columns * DOTS_WIDE
    measured = [bucket_curve(curve, index, x_axis, width, chart.warp) for index, curve in enumerate(curves)]
    wanted = robust_limits([each.raw for each in measured], [each.smooth for each in measured])
    scale = chart.y_range.fit_warped(*(wanted or (0.0, 1.0)), frame.plot_rows, chart.warp)
    plot = _plot(measured, chart, frame, x_axis, scale.limits)
    canvas.glyphs[1 : frame.bottom, frame.left :] = plot.glyphs
    canvas.inks[1 : frame.bottom, frame.left :] = plot.inks
    if wanted is None:
        _write_in_the_middle(canvas, _NOTHING_HERE)
    write_y_axis(canvas, frame, scale, chart.percent)
    write_x_axis(canvas, frame, x_axis, chart.unit, "" if chart.warp is LINEAR else chart.warp.name)


def _plot(measured: Sequence[BucketedCurve], chart: Chart, frame: Frame, x_axis: Limits, y_axis: Limits) -> Canvas:
    """Draw the inside of the frame: markers and alerts last, so that no curve covers them."""
    plot = stack(_layers(measured, chart, frame, x_axis, y_axis), frame.plot_columns, frame.plot_rows)
    for each in measured:
        if not each.curve.ahead:
            put_alerts(plot, each.raw)
        if each.marked(frame.plot_columns):
            _put_markers(plot, each, chart.warp, x_axis, y_axis)
    put_hidden(plot, sum(each.hidden for each in measured))
    return plot


def _layers(
    measured: Sequence[BucketedCurve], chart: Chart, frame: Frame, x_axis: Limits, y_axis: Limits
) -> list[Layer]:
    """Return the layers from the bottom: envelopes, bands, the shaded gap, lines with the first curve on top, points."""
    height, size = frame.plot_rows * DOTS_HIGH, (frame.plot_columns, frame.plot_rows)
    banded = [each for each in measured if each.curve.banded]
    shaded = chart.gap and len(banded) > 1
    lines, points = (
        [
            Layer(each.dots(x_axis, y_axis, chart.warp, size), each.inks.line, joined)
            for each in reversed(measured)
            if each.curve.points is joined
        ]
        for joined in (False, True)
    )
    return [
        *(Layer(fill(widen(each.raw, _REACH), y_axis, height), each.inks.envelope) for each in banded if not shaded),
        *(Layer(fill(each.middle, y_axis, height), each.inks.band) for each in banded),
        *([Layer(shade_between(banded[0].smooth, banded[1].smooth, y_axis, height), Ink.GAP)] if shaded else []),
        *lines,
        *points,
    ]


def _put_markers(plot: Canvas, measured: BucketedCurve, warp: Warp, x_axis: Limits, y_axis: Limits) -> None:
    """Draw a marker on each finite point within the plot."""
    rows, columns = plot.glyphs.shape
    y = warp.forward(measured.curve.smooth)
    column = to_columns(measured.curve.x, x_axis, columns)
    shown = np.isfinite(y) & (column >= 0) & (column < columns)
    row = to_rows(y[shown], y_axis, rows * DOTS_HIGH) // DOTS_HIGH
    plot.glyphs[row, column[shown]] = _MARKER
    plot.inks[row, column[shown]] = measured.inks.line
