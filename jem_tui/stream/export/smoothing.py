"""Bias-corrected exponential moving averages, over whole arrays at once and continued as arrays grow."""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_NO_BIAS = math.log(1e-17)
"""Logarithm of the start's remaining weight below which 1 minus that weight is 1."""
_BLOCK = 64
"""Values that one matrix product averages."""


class Smoother:
    """A moving average: m ← w·m + (1 − w)·v, divided by 1 − wⁿ (Kingma & Ba, arXiv 1412.6980, sec. 3)."""

    def __init__(self, weight: float) -> None:
        """Start without values; `weight` w in [0, 1) is the share that each new value leaves of the previous average."""
        self.weight = weight
        self._sum = 0.0
        self._count = 0

    def extend(self, values: Floats) -> Floats:
        """Return the average after each of the next `values`, shape (n,); NaN for non-finite values, which change nothing."""
        finite = np.isfinite(values)
        if finite.all():
            return self._averages(values)
        averages = np.full(len(values), np.nan)
        averages[finite] = self._averages(values[finite])
        return averages

    def _averages(self, values: Floats) -> Floats:
        if not len(values) or self.weight == 0:
            return values.astype(np.float64)
        sums = _decaying_sums(values, self.weight, self._sum)
        biased = max(0, min(len(sums), math.ceil(_NO_BIAS / math.log(self.weight)) - self._count))
        counts = self._count + np.arange(1.0, biased + 1)
        self._sum, self._count = float(sums[-1]), self._count + len(values)
        sums[:biased] /= 1 - self.weight**counts
        return sums


def _decaying_sums(values: Floats, weight: float, start: float) -> Floats:
    """Return m after each value, from m = `start`: by matrix products within blocks, and one by one from block to block."""
    inside, powers = _kernel(weight)
    blocks = -(-len(values) // _BLOCK)
    padded = np.zeros(blocks * _BLOCK)
    padded[: len(values)] = values
    sums = padded.reshape(blocks, _BLOCK) @ inside
    decay = float(powers[-1])
    carried = list(accumulate(sums[:-1, -1].tolist(), lambda before, here: before * decay + here, initial=start))
    sums += np.outer(carried, powers)
    return sums.ravel()[: len(values)]


@lru_cache(maxsize=16)
def _kernel(weight: float) -> tuple[Floats, Floats]:
    """Return the effect of each value of a block on each sum, shape (from, to), and the share of a sum that is left after 1, 2 … values."""
    distance = np.arange(_BLOCK)[None, :] - np.arange(_BLOCK)[:, None]
    inside = np.where(distance >= 0, (1 - weight) * weight ** np.maximum(distance, 0.0), 0.0)
    return inside, weight ** np.arange(1.0, _BLOCK + 1)
