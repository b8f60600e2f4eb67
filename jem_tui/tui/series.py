"""One metric over a run: arrays that grow by doubling, smoothed as they grow."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray


class Series:
    """Values over the images seen, raw and as a debiased exponential moving average."""

    def __init__(self, memory: float = 0.98) -> None:
        """`memory` in [0, 1) is the share of the average that one new value leaves; 0.98 averages over some 50 values."""
        self._memory = memory
        self._average = 0.0
        self._weight = 0.0
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
            self._grow()
        memory = self._memory
        self._average = memory * self._average + (1.0 - memory) * value
        self._weight = memory * self._weight + (1.0 - memory)
        rows, i = self._rows, self._length
        rows[0, i], rows[1, i], rows[2, i] = x, value, self._average / self._weight
        self._last = x
        self._length = i + 1

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

    def _grow(self) -> None:
        grown = np.empty((3, 2 * self._length))
        grown[:, : self._length] = self._rows
        self._rows = grown
