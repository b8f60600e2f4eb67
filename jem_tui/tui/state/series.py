"""The values of one metric over a run, as arrays that grow by doubling, with a smoothed copy."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jem_tui.events.recording import Points
from jem_tui.raster.plot.columns.column_history import ColumnHistory
from jem_tui.raster.plot.scales.axis import Axis
from jem_tui.raster.plot.scales.ticks import LARGEST
from jem_tui.stream.export.smoothing import Floats, Smoother

_STEPS, _IMAGES, _TIMES, _VALUES = range(4)
_FIRST_ROOM = 16
"""Points of a new series, few, as a log can have many thousands of metrics."""
Rows = tuple[NDArray[Any], ...]
"""Steps, images, times and values. The arrays of a recording are used without a copy, with their integer types."""


class Series:
    """Values of a metric by step, images and time, which ascend; values may be NaN or infinite.

    Arrays are views of shape (n,); later points do not change views that were returned before.
    """

    def __init__(self) -> None:
        self._length = 0
        self._rows: Rows = tuple(np.empty(_FIRST_ROOM) for _ in range(4))
        self._smoother = Smoother(0.0)
        self._smooth = np.empty(_FIRST_ROOM)
        self._smoothed = 0
        self._varies, self._compared = False, 0
        self.columns = ColumnHistory()
        """Statistics of the columns of the last drawing; a new object whenever points are removed or smoothed differently."""

    def __len__(self) -> int:
        return self._length

    def append(self, step: int, images: float, time: float, value: float) -> None:
        """Add a point, unless its images are before those of the last point."""
        if self._length and images < self.images[-1]:
            return
        self._reserve(1)
        time = time if math.isfinite(time) else -math.inf
        if self._length:
            step, time = max(step, self.steps[-1]), max(time, self.times[-1])
        entries = (step, images, time if math.isfinite(time) else 0.0, value)
        for row, entry in zip(self._rows, entries, strict=True):
            row[self._length] = entry
        self._length += 1

    def extend(self, points: Points) -> None:
        """Add the points of a recording, except points before an earlier one.

        The first call keeps the arrays without a copy, so that a seek in a long recording is fast.
        """
        kept = ascending(points)
        if self._length:
            kept = kept[int(np.searchsorted(kept.images, self.images[-1])) :]
        rows: Rows = (kept.steps, kept.images, kept.times, kept.values)
        if self._length and len(kept):
            steps, times = np.maximum(kept.steps, self.steps[-1]), np.maximum(kept.times, self.times[-1])
            rows = (steps, kept.images, times, kept.values)
        if not self._length:
            self._rows = rows
        else:
            self._reserve(len(kept))
            for row, new in zip(self._rows, rows, strict=True):
                row[self._length : self._length + len(kept)] = new
        self._length += len(kept)

    def truncate_after(self, images: float) -> None:
        """Remove the points after `images`; arrays that were returned before do not change."""
        kept = int(np.searchsorted(self.images, images, side="right"))
        if kept < self._length:
            self._rows, self._length = tuple(row[:kept].copy() for row in self._rows), kept
            self._reset_smoothing(self._smoother.weight)
            self._varies, self._compared = False, 0

    @property
    def steps(self) -> Floats:
        """Optimizer steps."""
        return self._rows[_STEPS][: self._length]

    @property
    def images(self) -> Floats:
        """Training images seen."""
        return self._rows[_IMAGES][: self._length]

    @property
    def times(self) -> Floats:
        """Unix seconds."""
        return self._rows[_TIMES][: self._length]

    @property
    def values(self) -> Floats:
        """Values of the metric."""
        return self._rows[_VALUES][: self._length]

    @property
    def varies(self) -> bool:
        """True if two values differ, or one is not finite; each point is compared once."""
        if not self._varies and self._compared < self._length:
            self._varies = varies(self.values[max(0, self._compared - 1) :])
            self._compared = self._length
        return self._varies

    def positions_along(self, axis: Axis, start: float) -> Floats:
        """Return the positions of the points on an axis; times in seconds since `start`."""
        match axis:
            case "steps":
                return self.steps
            case "images":
                return self.images
            case "time":
                return seconds_since(start, self.times)

    def smoothed(self, weight: float) -> Floats:
        """Return the unbiased exponential moving average with `weight` in [0, 1); computes only points added since the last call."""
        if weight != self._smoother.weight:
            self._reset_smoothing(weight)
        if self._smoothed < self._length:
            self._smooth = _with_room(self._smooth, self._smoothed, self._length)
            new = self._smoother.extend(self.values[self._smoothed :])
            self._smooth[self._smoothed : self._length] = new
            self._smoothed = self._length
        return self._smooth[: self._length]

    def _reset_smoothing(self, weight: float) -> None:
        self._smoother, self._smoothed = Smoother(weight), 0
        self._smooth = np.empty(len(self._smooth))
        self.columns = ColumnHistory()

    def _reserve(self, more: int) -> None:
        if self._length + more > len(self._rows[_STEPS]):
            self._rows = tuple(_with_room(row, self._length, self._length + more) for row in self._rows)


def varies(values: Floats) -> bool:
    """Return whether two of the values differ, or one is not finite."""
    return bool(len(values)) and (not math.isfinite(values[0]) or bool((values != values[0]).any()))


def ascending(points: Points) -> Points:
    """Return points whose steps, images and times ascend, without points before an earlier one."""
    kept = points[points.images >= np.maximum.accumulate(points.images)] if _falls(points.images) else points
    steps = np.maximum.accumulate(kept.steps) if _falls(kept.steps) else kept.steps
    times = ascending_times(kept.times)
    if steps is kept.steps and times is kept.times:
        return kept
    return Points(steps, kept.images, times, kept.values)


def all_ascending(metrics: Mapping[str, Points]) -> Mapping[str, Points]:
    """Return `ascending` points of each metric; arrays that metrics share are checked once."""
    in_order: dict[tuple[int, ...], bool] = {}
    found = {}
    for tag, points in metrics.items():
        places = (id(points.steps), id(points.images), id(points.times))
        if places not in in_order:
            in_order[places] = ascending(points) is points
        found[tag] = points if in_order[places] else ascending(points)
    return found


def ascending_times(times: Floats) -> Floats:
    """Return ascending times: a time that is not finite, or before an earlier one, becomes that of the point before."""
    known = np.isfinite(times)
    if not known.all():
        start = float(times[known][0]) if known.any() else 0.0
        risen: Floats = np.maximum.accumulate(np.where(known, times, -math.inf))
        return np.where(np.isinf(risen), start, risen)
    return np.maximum.accumulate(times) if _falls(times) else times


def seconds_since(start: float, times: Floats) -> Floats:
    """Return seconds since `start`, clipped to what a chart can calculate with."""
    with np.errstate(over="ignore"):
        return np.clip(times - start, -LARGEST, LARGEST)


def _falls(row: NDArray[Any]) -> bool:
    return bool((row[1:] < row[:-1]).any())


def _with_room(row: NDArray[Any], used: int, wanted: int) -> Floats:
    """Return `row` if it has room for `wanted` numbers, else an array at least twice as long with a copy of the first `used`."""
    if wanted <= len(row):
        return row
    grown = np.empty(max(wanted, 2 * len(row)))
    grown[:used] = row[:used]
    return grown
