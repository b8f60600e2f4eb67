"""What an axis spans: steady between repaints, and not flattened by a spike."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from jem_tui.tui.raster.curves import Envelope, Floats
from jem_tui.tui.raster.ticks import nice_extent, nice_step

Limits = tuple[float, float]

_TAIL = (0.03, 0.1)
"""Least and greatest share of the columns that may leave the chart at either end."""
_TAIL_COLUMNS = 3
"""Columns that may leave it, within these shares: a spike is no narrower on a narrow chart."""
_REACH = 1.5
"""How many spans of the band the smoothed line may widen the axis by, at either end."""


def x_limits(first: float, last: float) -> Limits:
    """Round limits around [first, last]: from 0 unless the data begins in the second half."""
    if last <= 0 and last == first:
        return first, first + 1.0
    if last == first or 0 <= first <= last / 2:
        return 0.0, nice_extent(last)
    step = nice_step(last - first, 10)
    low = math.floor(first / step) * step
    return low, low + nice_extent(last - low)


def robust_limits(raw: Sequence[Envelope], smooth: Sequence[Envelope]) -> Limits | None:
    """What the y axis has to show, or None without data.

    That is the band without its most extreme columns, the smoothed line as far as it lies within 1.5 spans of that, and the newest
    smoothed value always. What lies beyond is drawn at the edge.
    """
    lows = _finite([envelope.low for envelope in raw])
    highs = _finite([envelope.high for envelope in raw])
    if not lows.size:
        return None
    tail = min(max(_TAIL[0], _TAIL_COLUMNS * len(raw) / lows.size), _TAIL[1])
    low, high = float(np.quantile(lows, tail)), float(np.quantile(highs, 1 - tail))
    reach = _REACH * (high - low)
    line = _finite([envelope.low for envelope in smooth])
    near = line[(line >= low - reach) & (line <= high + reach)]
    newest = [line[-1:] for line in (_finite([envelope.low]) for envelope in smooth)]
    shown = np.concatenate([[low, high], near, *newest])
    return float(shown.min()), float(shown.max())


def _finite(columns: Sequence[Floats]) -> Floats:
    values: Floats = np.concatenate([np.zeros(0), *columns])
    return values[np.isfinite(values)]


class StableRange:
    """Limits of a y axis that stay while they fit: a repaint that needs a little more or less does not move them."""

    def __init__(self, floor: float = -math.inf, ceiling: float = math.inf) -> None:
        self._floor = floor
        self._ceiling = ceiling
        self._limits: Limits | None = None

    def fit(self, low: float, high: float) -> Limits:
        """The limits to draw with: [low, high] is inside (give or take 1 %) and fills a good part of them.

        They stay above the floor, and reach up to the ceiling if there is one.
        """
        wanted = _widened(max(low, self._floor), self._ceiling if math.isfinite(self._ceiling) else high)
        if self._limits is None or not _fits(wanted, self._limits):
            bottom, top = _rounded(*wanted)
            self._limits = max(bottom, self._floor), min(top, self._ceiling)
        return self._limits

    def reset(self) -> None:
        """Forget the limits: what comes is other data."""
        self._limits = None


def _widened(low: float, high: float) -> Limits:
    """Make room around a line that is flat, or flat but for rounding."""
    size = max(abs(low), abs(high))
    if high - low > 1e-3 * size:
        return low, high
    middle, half = (low + high) / 2, 0.1 * size or 0.5
    return middle - half, middle + half


def _rounded(low: float, high: float) -> Limits:
    """Round numbers around [low, high], which may stick out by a fiftieth of a step."""
    step = nice_step(high - low, 5)
    return math.floor(low / step + 0.02) * step, math.ceil(high / step - 0.02) * step


def _fits(wanted: Limits, limits: Limits) -> bool:
    span = limits[1] - limits[0]
    slack = 0.01 * span
    inside = limits[0] - slack <= wanted[0] and wanted[1] <= limits[1] + slack
    return inside and (wanted[1] - wanted[0]) >= 0.4 * span
