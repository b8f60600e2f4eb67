"""Limits of axes: steady between repaints, and not flattened by a spike."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from jem_tui.raster.plot.columns.curves import Envelope, Floats
from jem_tui.raster.plot.scales.scale import Limits, Scale, fit_scale
from jem_tui.raster.plot.scales.ticks import LARGEST, SMALLEST, nice_extent, nice_step
from jem_tui.raster.plot.scales.warp import LINEAR, Warp
from jem_tui.raster.plot.warped_scale import WarpedScale

_TAIL = (0.03, 0.1)
"""Smallest and largest share of the columns that may leave the chart at either end."""
_TAIL_COLUMNS = 3
"""Number of columns that may leave the chart, within the shares of `_TAIL`: a spike is as wide on a narrow chart."""
_REACH = 1.5
"""Spans of the band by which the smoothed line may widen the axis at either end."""
_ROOM = 0.05
"""Share of the range that is added to a new scale of a high chart: a scale that fits closely moves often."""
_HIGH = 12
"""Minimum number of rows of a high chart."""
_FINEST = 1e-12
"""Smallest relative difference of two positions on an axis: a thousand times the resolution of doubles."""
_BEYOND = 0.01
"""Share of the distance of the bounds by which values may exceed the upper bound."""
_CLOSER = 0.5
"""Factor by which a new scale must be smaller than the current scale to replace it."""


def x_limits(first: float, last: float) -> Limits:
    """Return round limits around [first, last], from 0 unless the data begins in the second half."""
    first, last = _clamped(first), _clamped(last)
    if last <= 0 and last == first:
        return nonempty_limits(first, first + 1.0)
    if last == first or 0 <= first <= last / 2:
        return nonempty_limits(0.0, nice_extent(last))
    step = nice_step(last - first, 10)
    low = min(first, math.floor(first / step) * step)
    return nonempty_limits(low, max(last, low + nice_extent(last - low)))


def nonempty_limits(low: float, high: float) -> Limits:
    """Return the two ends in ascending order, the upper one raised until doubles can distinguish positions between them."""
    low, high = _clamped(low), _clamped(high)
    low, high = min(low, high), max(low, high)
    return low, max(high, low + minimum_width(low, high))


def _clamped(end: float) -> float:
    return 0.0 if math.isnan(end) else min(LARGEST, max(-LARGEST, end))


def minimum_width(*ends: float) -> float:
    """Return the smallest width of an axis near `ends` on which all columns of a screen have different values."""
    return max(SMALLEST, _FINEST * max(map(abs, ends)))


def robust_limits(raw: Sequence[Envelope], smooth: Sequence[Envelope]) -> Limits | None:
    """Return the range that the y axis has to show, or None without data.

    The range covers the band without its most extreme columns, the smoothed line within 1.5 spans of the band, and the newest
    smoothed values. Values outside the range are drawn at the edge.
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
    """Y axis that keeps its scale while the data fits: small changes between repaints do not move it."""

    def __init__(self, bounds: Limits | None = None) -> None:
        self._bounds = bounds
        self._scale: Scale | None = None
        self._warped: WarpedScale | None = None

    def fit(self, low: float, high: float, rows: int) -> Scale:
        """Return a scale for `rows` rows that contains [low, high] within 1 % and is at most twice as large as needed.

        With bounds, the scale reaches up to the upper bound, and down to the lower bound unless all values are in the upper half;
        values above the upper bound are shown as if there were no bounds.
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
        """Return a scale for warped values in [low, high]; bounds are ignored unless the warp is linear."""
        if warp is LINEAR:
            return self.fit(low, high, rows)
        low, high = _widened(low, high)
        kept = self._warped
        fits = kept is not None and (kept.rows, kept.warp) == (rows, warp) and kept.shows(low, high)
        if kept is None or not fits or (high - low) / rows < _CLOSER * kept.unit:
            self._warped = kept = WarpedScale.around(low, high, rows, warp)
        return kept

    def reset(self) -> None:
        """Forget the scales before different data."""
        self._scale = self._warped = None


def _room(low: float, high: float) -> Limits:
    """Return the margins at either end of a range; a range of positive numbers stays positive."""
    room = _ROOM * (high - low)
    return (min(room, low) if low >= 0 else room), room


def _widened(low: float, high: float) -> Limits:
    """Widen a range that is empty, or empty except for rounding errors."""
    size = max(abs(low), abs(high))
    if high - low > max(SMALLEST, 1e-3 * size):
        return low, high
    middle, half = (low + high) / 2, 0.1 * size if size > SMALLEST else 0.5
    return middle - half, middle + half
