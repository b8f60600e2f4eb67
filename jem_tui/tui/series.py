"""One metric over a run: arrays that grow by doubling, smoothed as they grow."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from jem_tui.stream.history import Points

LONGEST = 50.0
"""Values that the smoothed curve averages over in the long run."""
GROWTH = 8
"""Until then it averages over the last 1/8 of all values, so that it keeps up with the steep beginning."""

SETTLED = int(GROWTH * (LONGEST - 1))
"""Values after which the weight of a new one no longer changes."""
BLOCK = 512
"""Values that are averaged at once; few enough that the weight of the first is not lost in rounding."""


class Series:
    """Values over the images seen, raw and as an exponential moving average that starts without a bias."""

    def __init__(self) -> None:
        self._average = 0.0
        self._length = 0
        self._last = -math.inf
        self._rows = np.empty((3, 256))

    def __len__(self) -> int:
        return self._length

    def append(self, x: float, value: float) -> None:
        """Add a point; one that is not finite, or that lies before the last, has no place on a chart and is left out."""
        if x < self._last or not math.isfinite(value):
            return
        if self._length == self._rows.shape[1]:
            self._grow(2 * self._length)
        rows, i = self._rows, self._length
        self._average += (value - self._average) / min(LONGEST, 1.0 + i / GROWTH)
        rows[0, i], rows[1, i], rows[2, i] = x, value, self._average
        self._last = x
        self._length = i + 1

    def extend(self, points: Points) -> None:
        """Add the points of a recording, in their order, as `append` would one by one."""
        finite = np.isfinite(points.values)
        x, values = points.images[finite].astype(np.float64), points.values[finite]
        kept = x >= np.maximum.accumulate(np.append(self._last, x))[:-1]
        x, values = x[kept], values[kept]
        settling = max(0, min(len(x), SETTLED - self._length))
        for at in range(settling):
            self.append(float(x[at]), float(values[at]))
        self._extend_settled(x[settling:], values[settling:])

    def _extend_settled(self, x: NDArray[np.float64], values: NDArray[np.float64]) -> None:
        """Add points to a series whose average has a constant weight by now."""
        start, stop = self._length, self._length + len(x)
        if start == stop:
            return
        if stop > self._rows.shape[1]:
            self._grow(stop)
        self._rows[0, start:stop], self._rows[1, start:stop] = x, values
        decay = (1 - 1 / LONGEST) ** np.arange(1, BLOCK + 1)
        for at in range(0, len(x), BLOCK):
            block = values[at : at + BLOCK]
            fading = decay[: len(block)]
            smooth = fading * (self._average + np.cumsum(block / fading) / LONGEST)
            self._rows[2, start + at : start + at + len(block)] = smooth
            self._average = float(smooth[-1])
        self._last, self._length = float(x[-1]), stop

    def cut(self, x: float) -> None:
        """Forget the points beyond `x`; arrays handed out before stay as they are."""
        kept = int(np.searchsorted(self.x, x, side="right"))
        if kept == self._length:
            return
        self._rows = self._rows.copy()
        self._length = kept
        self._last, self._average = (self.x[-1], self.smooth[-1]) if kept else (-math.inf, 0.0)

    @property
    def x(self) -> NDArray[np.float64]:
        """Images seen, shape (n,); a view that later points leave as it is, like `raw` and `smooth`."""
        return self._rows[0, : self._length]

    @property
    def raw(self) -> NDArray[np.float64]:
        return self._rows[1, : self._length]

    @property
    def smooth(self) -> NDArray[np.float64]:
        return self._rows[2, : self._length]

    def _grow(self, room: int) -> None:
        grown = np.empty((3, room))
        grown[:, : self._length] = self._rows[:, : self._length]
        self._rows = grown
