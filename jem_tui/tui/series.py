"""One metric over a run: arrays that grow by doubling, smoothed on demand."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from jem_tui.stream.history import Points
from jem_tui.stream.smoothing import Floats, Smoother
from jem_tui.tui.curve_view import Axis

_STEPS, _IMAGES, _TIMES, _VALUES = range(4)


class Series:
    """Values by step, images seen and time; all four ascend together, and values may be NaN or infinite.

    Arrays are views of shape (n,) that later points leave as they are.
    """

    def __init__(self) -> None:
        self._length = 0
        self._rows = np.empty((4, 256))
        self._smoother = Smoother(0.0)
        self._smooth = np.empty(256)
        self._smoothed = 0

    def __len__(self) -> int:
        return self._length

    def append(self, step: int, images: float, time: float, value: float) -> None:
        """Add a point; one that lies before the last has no place on a chart and is left out."""
        last = self._rows[:, self._length - 1] if self._length else (-math.inf,) * 4
        if images < last[_IMAGES]:
            return
        self._reserve(1)
        self._rows[:, self._length] = step, images, max(time, last[_TIMES]), value
        self._length += 1

    def extend(self, points: Points) -> None:
        """Add the points of a recording; what lies before an earlier one is left out."""
        before = self.images[-1] if self._length else -math.inf
        ascending = points.images >= np.maximum(np.maximum.accumulate(points.images), before)
        kept = points if ascending.all() else points[ascending]
        self._reserve(len(kept))
        new = self._rows[:, self._length : self._length + len(kept)]
        new[_STEPS], new[_IMAGES], new[_VALUES] = kept.steps, kept.images, kept.values
        new[_TIMES] = np.maximum.accumulate(kept.times)
        if self._length:
            np.maximum(new[_TIMES], self.times[-1], out=new[_TIMES])
        self._length += len(kept)

    def cut(self, images: float) -> None:
        """Forget the points beyond so many images; arrays handed out before stay as they are."""
        kept = int(np.searchsorted(self.images, images, side="right"))
        if kept < self._length:
            self._rows, self._length = self._rows.copy(), kept
            self._forget(self._smoother.weight)

    @property
    def steps(self) -> Floats:
        return self._rows[_STEPS, : self._length]

    @property
    def images(self) -> Floats:
        """Training images seen."""
        return self._rows[_IMAGES, : self._length]

    @property
    def times(self) -> Floats:
        """Unix seconds."""
        return self._rows[_TIMES, : self._length]

    @property
    def values(self) -> Floats:
        return self._rows[_VALUES, : self._length]

    def along(self, axis: Axis, start: float) -> Floats:
        """The places of the points on an axis; times in seconds since `start`."""
        match axis:
            case "steps":
                return self.steps
            case "images":
                return self.images
            case "time":
                return self.times - start

    def smoothed(self, weight: float) -> Floats:
        """The unbiased exponential moving average with `weight` in [0, 1); only points that are new since the last call cost."""
        if weight != self._smoother.weight:
            self._forget(weight)
        if self._smoothed < self._length:
            self._smooth = _with_room(self._smooth, self._smoothed, self._length)
            new = self._smoother.extend(self.values[self._smoothed :])
            self._smooth[self._smoothed : self._length] = new
            self._smoothed = self._length
        return self._smooth[: self._length]

    def _forget(self, weight: float) -> None:
        self._smoother, self._smoothed = Smoother(weight), 0
        self._smooth = np.empty(len(self._smooth))

    def _reserve(self, more: int) -> None:
        self._rows = _with_room(self._rows, self._length, self._length + more)


def _with_room(rows: NDArray[np.float64], used: int, wanted: int) -> NDArray[np.float64]:
    """`rows` if it has `wanted` columns, else twice as wide a copy of the `used` ones."""
    if wanted <= rows.shape[-1]:
        return rows
    grown = np.empty((*rows.shape[:-1], max(wanted, 2 * rows.shape[-1])))
    grown[..., :used] = rows[..., :used]
    return grown
