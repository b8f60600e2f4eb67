"""Statistics of the columns of a growing series, computed again only where points were added."""

from __future__ import annotations

import numpy as np

from jem_tui.raster.plot.columns.column_values import Buckets, ColumnValues, Limits, bucket, measure_columns
from jem_tui.raster.plot.scales.warp import Floats, Warp

_Key = tuple[Limits, int, Warp, bool]


class ColumnHistory:
    """Statistics of one series from the last drawing.

    Points may only be added to the series. The columns before the one of the last point keep their statistics while limits and
    width of the chart stay unchanged; the other columns are measured from all their points, so nothing is approximated. Whoever
    removes or changes points uses a new object.
    """

    def __init__(self) -> None:
        self._key: _Key | None = None
        self._values = ColumnValues.empty(0)
        self._column = self._start = 0
        """Last column with points, and the index of its first point."""
        self._seen: tuple[float, ...] = ()
        """Positions of the first and the last point, and their values."""
        self._count = 0

    def measure(
        self, x: Floats, raw: Floats, smooth: Floats, limits: Limits, width: int, warp: Warp, *, percentiles: bool
    ) -> ColumnValues:
        """Return the statistics of `width` columns over `limits`, as those of `measure_columns` for all points."""
        key = (limits, width, warp, percentiles)
        grown = key == self._key and len(x) >= self._count and self._marks(x, raw, smooth, self._count) == self._seen
        start, column = (self._start, self._column) if grown else (0, 0)
        buckets = bucket(x[start:], limits, width)
        values = measure_columns(buckets, raw[start:], smooth[start:], warp, width, percentiles=percentiles)
        if grown:
            self._values.replace_from(column, values)
        else:
            self._values = values
        self._key, self._count, self._seen = key, len(x), self._marks(x, raw, smooth, len(x))
        self._remember_last(buckets, start)
        return self._values

    def _remember_last(self, buckets: Buckets, start: int) -> None:
        if len(buckets.columns):
            self._column, self._start = int(buckets.columns[-1]), start + int(buckets.starts[-1])
        elif not start:
            self._column = self._start = 0

    @staticmethod
    def _marks(x: Floats, raw: Floats, smooth: Floats, count: int) -> tuple[float, ...]:
        """Return numbers that differ if the first `count` points are others: NaN is written as 0."""
        if not count:
            return ()
        return tuple(np.nan_to_num([x[0], x[count - 1], raw[0], raw[count - 1], smooth[0], smooth[count - 1]]).tolist())


def measure_once(
    x: Floats, raw: Floats, smooth: Floats, limits: Limits, width: int, warp: Warp, *, percentiles: bool
) -> ColumnValues:
    """Return the statistics of a series that is not drawn again."""
    return measure_columns(bucket(x, limits, width), raw, smooth, warp, width, percentiles=percentiles)
