"""Frame of a chart: the position of its plot, and the labels of its axes."""

from __future__ import annotations

from dataclasses import dataclass

from jem_tui.raster.plot.canvas import Canvas, Ink
from jem_tui.raster.plot.scales.scale import Limits, Scale
from jem_tui.raster.plot.scales.ticks import LABEL_WIDTH, distinct_labels, percent_labels, tick_labels, ticks
from jem_tui.raster.plot.scales.time_ticks import time_labels, time_ticks
from jem_tui.raster.plot.warped_scale import WarpedScale

_COLUMNS_PER_TICK = 9
_MIN_COLUMNS = 28
"""Minimum width of a chart with y labels."""
_MIN_ROWS = 6
"""Minimum height of a chart with x labels."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A chart of `columns` × `rows` cells: a header row, then the plot from column `left` to row `bottom`."""

    columns: int
    rows: int
    left: int
    bottom: int

    @classmethod
    def within(cls, columns: int, rows: int) -> Frame:
        """Return the frame of a chart of this size, without labels on an axis that has no room for them."""
        left = LABEL_WIDTH + 1 if columns >= _MIN_COLUMNS else 0
        return cls(columns, rows, left, bottom=rows - 1 if rows >= _MIN_ROWS else rows)

    @property
    def plot_columns(self) -> int:
        """Width of the plot in cells."""
        return self.columns - self.left

    @property
    def has_foot(self) -> bool:
        """True if there is room for words under the y axis."""
        return self.left > 0 and self.bottom < self.rows

    @property
    def plot_rows(self) -> int:
        """Height of the plot in cells."""
        return self.bottom - 1


def write_y_axis(chart: Canvas, frame: Frame, scale: Scale | WarpedScale, percent: bool) -> None:
    """Write the y axis: a line with ticks left of the plot, and right-aligned labels before it."""
    if not frame.left:
        return
    for row in range(1, frame.bottom):
        chart.write(row, frame.left - 1, "│", Ink.AXIS)
    values = [value for _, value in scale.ticks]
    if isinstance(scale, WarpedScale):
        labels = (
            [f"{label}%" for label in distinct_labels([100 * v for v in values])]
            if percent
            else distinct_labels(values)
        )
    else:
        labels = percent_labels(values) if percent else tick_labels(values)
    for (row, _), label in zip(scale.ticks, labels, strict=True):
        if len(label) <= LABEL_WIDTH:
            chart.write(1 + row, 0, label.rjust(LABEL_WIDTH) + "┤", Ink.AXIS)


def write_x_axis(chart: Canvas, frame: Frame, limits: Limits, unit: str, y_scale: str = "") -> None:
    """Write labels under the plot, each centred on its tick as far as the edges allow, and the unit if it fits.

    `y_scale` is the name of the scale of the y axis, which is written under that axis.
    """
    if frame.bottom == frame.rows:
        return
    if frame.has_foot:
        chart.write(frame.bottom, 0, y_scale.rjust(LABEL_WIDTH), Ink.AXIS)
    count = max(1, frame.plot_columns // _COLUMNS_PER_TICK)
    values = time_ticks(*limits, count) if unit == "time" else ticks(*limits, count)
    labels = time_labels(values) if unit == "time" else tick_labels(values)
    free, last = 0, frame.columns
    if frame.plot_columns >= 5 * _COLUMNS_PER_TICK:
        last -= len(unit)
        chart.write(frame.bottom, last, unit, Ink.AXIS)
    for value, label in zip(values, labels, strict=True):
        share = (value - limits[0]) / (limits[1] - limits[0])
        place = frame.left + int(share * (frame.plot_columns - 1)) - (len(label) - 1) // 2
        start = max(place, frame.left if y_scale else frame.left - 1, 0)
        if start >= free and start + len(label) < last:
            chart.write(frame.bottom, start, label, Ink.AXIS)
            free = start + len(label) + 2
