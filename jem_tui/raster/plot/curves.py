"""Reduction of series of any length to envelopes: the range of values in each column of dots."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from jem_tui.raster.plot.ticks import LARGEST

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """One series of a chart; the arrays have equal lengths, `x` is ascending."""

    label: str
    """Name in the legend, which a chart of several curves has."""
    x: Floats
    raw: Floats
    smooth: Floats
    points: bool = False
    """True for sparse values, which are drawn as markers without a line or a band."""
    ahead: bool = False
    """True for the part of a recording that is not replayed yet: a dim line without a legend."""
    run: int | None = None
    """Index in the palette of runs of a compared run, which is drawn as a line without a band."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """Series by columns of dots; NaN before its first and after its last point, and around values that are not finite.

    Columns between two points are interpolated.
    """

    low: Floats
    high: Floats
    nan: NDArray[np.bool_]
    """Columns that hold NaN."""
    above: NDArray[np.bool_]
    """Columns that hold +inf."""
    below: NDArray[np.bool_]
    """Columns that hold −inf."""

    @classmethod
    def of(cls, low: Floats, high: Floats) -> Envelope:
        """Return an envelope of finite values alone."""
        nowhere = np.zeros(len(low), dtype=np.bool_)
        return cls(low, high, nowhere, nowhere, nowhere)

    def mapped(self, function: Callable[[Floats], Floats]) -> Envelope:
        """Apply a strictly rising function to the values, and keep them small enough to calculate with."""
        low, high = (np.clip(function(edge), -LARGEST, LARGEST) for edge in (self.low, self.high))
        return replace(self, low=low, high=high)


@dataclass(frozen=True, slots=True)
class _Buckets:
    """Slices of a series, one for each column with points."""

    columns: NDArray[np.intp]
    starts: NDArray[np.intp]
    stop: int
    counts: NDArray[np.intp]

    def broken(self, values: Floats) -> NDArray[np.bool_]:
        """Return the mask of columns that have points, none of which is finite."""
        broken = np.zeros(len(values), dtype=np.bool_)
        broken[self.columns] = np.isnan(values[self.columns])
        return broken


def band_envelope(x: Floats, y: Floats, limits: tuple[float, float], width: int) -> Envelope:
    """Return the smallest and largest finite `y` in each of `width` columns over `limits`; `x` is ascending."""
    buckets = _bucket(x, limits, width)
    low, high = np.full(width, np.nan), np.full(width, np.nan)
    nan, above, below = np.zeros((3, width), dtype=np.bool_)
    if not len(buckets.columns):
        across = _bridge(low, low, x, y, limits)
        return Envelope(across, across, nan, above, below)
    whole, y = y, y[: buckets.stop]
    low[buckets.columns] = np.minimum.reduceat(y, buckets.starts)
    high[buckets.columns] = np.maximum.reduceat(y, buckets.starts)
    if not (np.isfinite(low[buckets.columns]).all() and np.isfinite(high[buckets.columns]).all()):
        finite = np.isfinite(y)
        low[buckets.columns] = _nan_for_inf(np.minimum.reduceat(np.where(finite, y, np.inf), buckets.starts))
        high[buckets.columns] = _nan_for_inf(np.maximum.reduceat(np.where(finite, y, -np.inf), buckets.starts))
        below[buckets.columns] = np.logical_or.reduceat(y == -np.inf, buckets.starts)
        above[buckets.columns] = np.logical_or.reduceat(y == np.inf, buckets.starts)
        nan[buckets.columns] = np.logical_or.reduceat(np.isnan(y), buckets.starts)
    low, high = (_bridge(edge, buckets.broken(edge), x, whole, limits) for edge in (low, high))
    return Envelope(low, high, nan, above, below)


def widen(envelope: Envelope, reach: int) -> Envelope:
    """Extend the range of each column to the ranges of `reach` columns on either side."""
    known = np.isfinite(envelope.low)
    edge = (reach, reach)
    lows = np.pad(np.where(known, envelope.low, np.inf), edge, constant_values=np.inf)
    highs = np.pad(np.where(known, envelope.high, -np.inf), edge, constant_values=-np.inf)
    low = sliding_window_view(lows, 2 * reach + 1).min(axis=1)
    high = sliding_window_view(highs, 2 * reach + 1).max(axis=1)
    return replace(envelope, low=np.where(known, low, np.nan), high=np.where(known, high, np.nan))


def line_envelope(x: Floats, y: Floats, limits: tuple[float, float], width: int) -> Envelope:
    """Return the mean of the finite `y` in each of `width` columns over `limits`; `x` is ascending."""
    buckets = _bucket(x, limits, width)
    mean = np.full(width, np.nan)
    if not len(buckets.columns):
        mean = _bridge(mean, buckets.broken(mean), x, y, limits)
        return Envelope.of(mean, mean)
    whole, y = y, y[: buckets.stop]
    with np.errstate(over="ignore", invalid="ignore"):
        sums, counts = np.add.reduceat(y, buckets.starts), buckets.counts
    if not np.isfinite(sums).all():
        finite = np.isfinite(y)
        sums = np.add.reduceat(np.where(finite, y, 0.0).clip(-LARGEST, LARGEST), buckets.starts)
        counts = np.add.reduceat(finite.astype(np.intp), buckets.starts)
    mean[buckets.columns] = np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
    mean = _bridge(mean, buckets.broken(mean), x, whole, limits)
    return Envelope.of(mean, mean)


def _bucket(x: Floats, limits: tuple[float, float], width: int) -> _Buckets:
    edges = np.linspace(*limits, width + 1)
    cuts = np.searchsorted(x, edges)
    cuts[-1] = np.searchsorted(x, edges[-1], side="right")
    counts = np.diff(cuts)
    columns = np.flatnonzero(counts)
    return _Buckets(columns, cuts[columns], int(cuts[-1]), counts[columns])


def _nan_for_inf(values: Floats) -> Floats:
    return np.where(np.isfinite(values), values, np.nan)


def _bridge(values: Floats, broken: NDArray[np.bool_], x: Floats, y: Floats, limits: tuple[float, float]) -> Floats:
    """Interpolate linearly between columns with points, unless a column between them is broken.

    At the edges, interpolate to the points beyond the limits.
    """
    if len(x):
        for column, edge in ((0, limits[0]), (-1, limits[1])):
            if np.isnan(values[column]) and not broken[column] and x[0] < edge < x[-1]:
                values[column] = _between_neighbours(edge, x, y)
    known = np.flatnonzero(np.isfinite(values))
    if len(known) > 1:
        inside = np.arange(known[0], known[-1] + 1)
        bridged = np.interp(inside, known, values[known])
        if broken.any():
            before = np.searchsorted(known, inside, side="right") - 1
            breaks = np.cumsum(broken)[known]
            apart = np.append(breaks[1:] != breaks[:-1], False)[before]
            bridged[apart & (inside != known[before])] = np.nan
        values[inside] = bridged
    return values


def _between_neighbours(place: float, x: Floats, y: Floats) -> float:
    """Interpolate linearly between the two points around `place`; return NaN where either point is not finite."""
    after = int(np.searchsorted(x, place, side="right"))
    left, right = float(y[after - 1]), float(y[after])
    if not (math.isfinite(left) and math.isfinite(right)):
        return math.nan
    share = (place - float(x[after - 1])) / (float(x[after]) - float(x[after - 1]))
    return left * (1 - share) + right * share
