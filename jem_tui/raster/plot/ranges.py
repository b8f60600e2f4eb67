"""What an axis spans: steady between repaints, and not flattened by a spike."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from jem_tui.raster.plot.curves import Envelope, Floats
from jem_tui.raster.plot.scale import Limits, Scale, fit_scale
from jem_tui.raster.plot.ticks import LARGEST, SMALLEST, nice_extent, nice_step
from jem_tui.raster.plot.warp import LINEAR, Warp
from jem_tui.raster.plot.warped_scale import WarpedScale

_TAIL = (0.03, 0.1)
"""Least and greatest share of the columns that may leave the chart at either end."""
_TAIL_COLUMNS = 3
"""Columns that may leave it, within these shares: a spike is no narrower on a narrow chart."""
_REACH = 1.5
"""How many spans of the band the smoothed line may widen the axis by, at either end."""
_ROOM = 0.05
"""Share of the range that is added to a new scale where there are many rows: it would fit so closely that it moves often."""
_HIGH = 12
"""Rows that are many."""
_FINEST = 1e-12
"""Least share of a number by which a place differs from it: a thousand times what doubles resolve."""
_BEYOND = 0.01
"""Share of the bounds' distance by which values may be greater than the upper one."""
_CLOSER = 0.5
"""How much smaller than the present scale a new one has to be to take its place."""


def x_limits(first: float, last: float) -> Limits:
    """Return round limits around [first, last]: from 0 unless the data begins in the second half."""
    first, last = _within_reach(first), _within_reach(last)
    if last <= 0 and last == first:
        return nonempty_limits(first, first + 1.0)
    if last == first or 0 <= first <= last / 2:
        return nonempty_limits(0.0, nice_extent(last))
    step = nice_step(last - first, 10)
    low = min(first, math.floor(first / step) * step)
    return nonempty_limits(low, max(last, low + nice_extent(last - low)))


def nonempty_limits(low: float, high: float) -> Limits:
    """Return an axis around two ends in any order, or as far beyond the first as doubles can distinguish places."""
    low, high = _within_reach(low), _within_reach(high)
    low, high = min(low, high), max(low, high)
    return low, max(high, low + least_width(low, high))


def _within_reach(end: float) -> float:
    return 0.0 if math.isnan(end) else min(LARGEST, max(-LARGEST, end))


def least_width(*ends: float) -> float:
    """Return the least width of an axis near `ends` on which every column of a screen has its place."""
    return max(SMALLEST, _FINEST * max(map(abs, ends)))


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
    """A y axis that stays while it fits: a repaint that needs a little more or less does not move it."""

    def __init__(self, bounds: Limits | None = None) -> None:
        self._bounds = bounds
        self._scale: Scale | None = None
        self._warped: WarpedScale | None = None

    def fit(self, low: float, high: float, rows: int) -> Scale:
        """Return the scale to draw with on `rows` rows: [low, high] is inside (give or take 1 %) and fills a good part of it.

        With bounds it reaches up to the upper one, and down to the lower one unless all is in the upper half; greater values are
        shown as if there were no bounds.
        """
        bounds = self._bounds
        if bounds and high > bounds[1] + _BEYOND * (bounds[1] - bounds[0]):
            bounds = None
        if bounds:
            low, high = min(low, bounds[1]) if low > sum(bounds) / 2 else bounds[0], bounds[1]
        low, high = _widened(low, high)
        room = (0.0, 0.0) if bounds or rows < _HIGH else _room(low, high)
        closest = fit_scale(low - room[0], high + room[1], rows, bounds)
        kept = self._scale
        if kept is None or kept.rows != rows or not kept.shows(low, high) or closest.unit < _CLOSER * kept.unit:
            self._scale = kept = closest
        return kept

    def fit_warped(self, low: float, high: float, rows: int, warp: Warp) -> Scale | WarpedScale:
        """The same for warped values in [low, high]; bounds count only where nothing is warped."""
        if warp is LINEAR:
            return self.fit(low, high, rows)
        low, high = _widened(low, high)
        kept = self._warped
        fits = kept is not None and (kept.rows, kept.warp) == (rows, warp) and kept.shows(low, high)
        if kept is None or not fits or (high - low) / rows < _CLOSER * kept.unit:
            self._warped = kept = WarpedScale.around(low, high, rows, warp)
        return kept

    def reset(self) -> None:
        """Forget the scales: what comes is other data."""
        self._scale = self._warped = None


def _room(low: float, high: float) -> Limits:
    """What to add at either end of a range, without leaving the positive numbers."""
    room = _ROOM * (high - low)
    return (min(room, low) if low >= 0 else room), room


def _widened(low: float, high: float) -> Limits:
    """Make room around a line that is flat, or flat but for rounding."""
    size = max(abs(low), abs(high))
    if high - low > max(SMALLEST, 1e-3 * size):
        return low, high
    middle, half = (low + high) / 2, 0.1 * size if size > SMALLEST else 0.5
    return middle - half, middle + half
