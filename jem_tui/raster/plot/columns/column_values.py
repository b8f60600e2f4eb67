"""Statistics of a series by columns of dots: extremes, percentiles and means of the points in each column."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jem_tui.raster.plot.scales.ticks import LARGEST
from jem_tui.raster.plot.scales.warp import Floats, Warp

Limits = tuple[float, float]

TAIL = 0.1
"""Share of a column's values below the 10th percentile, and above the 90th."""
_SPARSE = 4
"""Factor by which the table of all columns may exceed the number of points before fuller columns are sorted one by one."""


@dataclass(frozen=True, slots=True)
class Buckets:
    """Slices of a series, one for each column with points."""

    columns: NDArray[np.intp]
    starts: NDArray[np.intp]
    counts: NDArray[np.intp]
    first: int
    """Index of the first point within the limits of the x axis."""
    stop: int
    """Index after the last point within the limits."""


@dataclass(frozen=True, slots=True)
class ColumnValues:
    """Statistics of the finite values of each column, NaN in columns without any; arrays of shape (width,)."""

    count: NDArray[np.intp]
    """Number of points, finite or not."""
    low: Floats
    high: Floats
    tenth: Floats
    """10th percentile of the raw values."""
    ninetieth: Floats
    """90th percentile of the raw values."""
    mean: Floats
    """Mean of the smoothed values."""
    nan: NDArray[np.bool_]
    above: NDArray[np.bool_]
    below: NDArray[np.bool_]
    hidden: NDArray[np.intp]
    """Number of points that the scale cannot show, which are left out of all statistics."""

    @classmethod
    def empty(cls, width: int) -> ColumnValues:
        """Return the statistics of no points in `width` columns."""
        low, high, tenth, ninetieth, mean = np.full((5, width), np.nan)
        nan, above, below = np.zeros((3, width), dtype=np.bool_)
        count, hidden = np.zeros((2, width), dtype=np.intp)
        return cls(count, low, high, tenth, ninetieth, mean, nan, above, below, hidden)

    @property
    def arrays(self) -> tuple[NDArray[np.generic], ...]:
        """All statistics in the order of the fields."""
        return (
            self.count,
            self.low,
            self.high,
            self.tenth,
            self.ninetieth,
            self.mean,
            self.nan,
            self.above,
            self.below,
            self.hidden,
        )

    def replace_from(self, column: int, newer: ColumnValues) -> None:
        """Replace the statistics of `column` and of all later columns."""
        for mine, other in zip(self.arrays, newer.arrays, strict=True):
            mine[column:] = other[column:]


def bucket(x: Floats, limits: Limits, width: int) -> Buckets:
    """Divide ascending `x` among `width` columns over `limits`."""
    edges = np.linspace(*limits, width + 1)
    cuts = np.searchsorted(x, edges)
    cuts[-1] = np.searchsorted(x, edges[-1], side="right")
    counts = np.diff(cuts)
    columns = np.flatnonzero(counts)
    return Buckets(columns, cuts[columns], counts[columns], int(cuts[0]), int(cuts[-1]))


def measure_columns(
    buckets: Buckets, raw: Floats, smooth: Floats, warp: Warp, width: int, *, percentiles: bool
) -> ColumnValues:
    """Return the statistics of `raw` and `smooth` in the columns of `buckets`; percentiles only if wanted."""
    found = ColumnValues.empty(width)
    if not len(buckets.columns):
        return found
    here, columns = slice(buckets.first, buckets.stop), buckets.columns
    starts = buckets.starts - buckets.first
    found.count[columns] = buckets.counts
    found.mean[columns] = means(shown_values(smooth[here], warp)[0], starts, buckets.counts)
    raw = raw[here]
    y, hides = shown_values(raw, warp)
    if hides is not None:
        found.hidden[columns] = np.add.reduceat(hides.astype(np.intp), starts)
    low, high = np.minimum.reduceat(y, starts), np.maximum.reduceat(y, starts)
    if not (np.isfinite(low).all() and np.isfinite(high).all()):
        finite = np.isfinite(y)
        low = _nan_for_inf(np.minimum.reduceat(np.where(finite, y, np.inf), starts))
        high = _nan_for_inf(np.maximum.reduceat(np.where(finite, y, -np.inf), starts))
        found.below[columns] = np.logical_or.reduceat(y == -np.inf, starts)
        found.above[columns] = np.logical_or.reduceat(y == np.inf, starts)
        found.nan[columns] = np.logical_or.reduceat(np.isnan(raw), starts)
    found.low[columns], found.high[columns] = low, high
    if percentiles:
        found.tenth[columns], found.ninetieth[columns] = percentile_pair(y, starts, buckets.counts)
    return found


def means(y: Floats, starts: NDArray[np.intp], counts: NDArray[np.intp]) -> Floats:
    """Return the mean of the finite values of each slice, NaN without any."""
    with np.errstate(over="ignore", invalid="ignore"):
        sums = np.add.reduceat(y, starts)
    # A column's mean must not depend on the other columns: those whose sum is finite keep it
    if not (summed := np.isfinite(sums)).all():
        finite = np.isfinite(y)
        sums = np.where(summed, sums, np.add.reduceat(np.where(finite, y, 0.0).clip(-LARGEST, LARGEST), starts))
        counts = np.add.reduceat(finite.astype(np.intp), starts)
    found: Floats = np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
    return found


def percentile_pair(y: Floats, starts: NDArray[np.intp], counts: NDArray[np.intp]) -> tuple[Floats, Floats]:
    """Return the exact 10th and 90th percentile of the finite values of each slice, NaN without any.

    Both interpolate linearly between the nearest values, as `numpy.quantile` does. The slices cover `y` without gaps.
    """
    full = counts > _SPARSE * max(1, len(y) // len(counts))
    rest = counts[~full]
    tenth, ninetieth = np.empty((2, len(counts)))
    if len(rest):
        kept = np.repeat(~full, counts)
        table = np.full((len(rest), int(rest.max())), np.nan)
        table[np.arange(table.shape[1]) < rest[:, None]] = y if kept.all() else y[kept]
        tenth[~full], ninetieth[~full] = _of_rows(table)
    for index in np.flatnonzero(full).tolist():
        row = y[starts[index] : starts[index] + counts[index]]
        tenth[index : index + 1], ninetieth[index : index + 1] = _of_rows(row[None].copy())
    return tenth, ninetieth


def _of_rows(table: Floats) -> tuple[Floats, Floats]:
    """Return both percentiles of the finite values of each row of `table`, which is changed."""
    table[np.isinf(table)] = np.nan
    # NaN is sorted to the end
    table.sort(axis=1)
    last = np.maximum(table.shape[1] - np.isnan(table).sum(axis=1) - 1, 0)
    place = TAIL * last
    after = np.floor(place).astype(np.intp)
    share, rows = place - after, np.arange(len(table))
    low, next_low = table[rows, after], table[rows, np.minimum(after + 1, last)]
    high, next_high = table[rows, last - after], table[rows, np.maximum(last - after - 1, 0)]
    return low * (1 - share) + next_low * share, high * (1 - share) + next_high * share


def shown_values(y: Floats, warp: Warp) -> tuple[Floats, NDArray[np.bool_] | None]:
    """Return the values with NaN in place of those that the scale cannot show, and the mask of the replaced values."""
    hides = warp.hides(y)
    return (y, None) if hides is None else (np.where(hides, np.nan, y), hides)


def _nan_for_inf(values: Floats) -> Floats:
    return np.where(np.isfinite(values), values, np.nan)
