"""Curves, and envelopes: the range of values in each column of dots, continuous between the columns with points."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from jem_tui.raster.plot.columns.column_history import ColumnHistory, measure_once
from jem_tui.raster.plot.columns.column_values import Limits, shown_values
from jem_tui.raster.plot.scales.ticks import LARGEST
from jem_tui.raster.plot.scales.warp import LINEAR, Warp

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
    history: ColumnHistory | None = field(default=None, compare=False, repr=False)
    """Statistics from the last drawing of a series that only grows; None for other values."""

    @property
    def banded(self) -> bool:
        """True if the raw values are drawn as a band."""
        return not self.points and not self.ahead and self.run is None


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
class CurveEnvelopes:
    """Envelopes of one curve."""

    extremes: Envelope
    """Smallest and largest raw values, with the columns that hold values that are not finite."""
    middle: Envelope
    """10th to 90th percentile of the raw values; NaN for a curve without a band."""
    line: Envelope
    """Mean of the smoothed values."""
    hidden: int
    """Number of points within the limits of the x axis that the scale cannot show."""


def curve_envelopes(curve: Curve, limits: Limits, width: int, warp: Warp = LINEAR) -> CurveEnvelopes:
    """Return the envelopes of a curve over `width` columns of dots, in values that are not warped yet."""
    measure = measure_once if curve.history is None else curve.history.measure
    values = measure(curve.x, curve.raw, curve.smooth, limits, width, warp, percentiles=curve.banded)

    def bridged(columns: Floats, y: Floats) -> Floats:
        broken = (values.count > 0) & np.isnan(columns)
        return _bridge(columns.copy(), broken, curve.x, y, limits, warp)

    line = bridged(values.mean, curve.smooth)
    extremes = bridged(values.low, curve.raw), bridged(values.high, curve.raw)
    middle = extremes
    if curve.banded:
        middle = bridged(values.tenth, curve.raw), bridged(values.ninetieth, curve.raw)
    return CurveEnvelopes(
        Envelope(*extremes, values.nan, values.above, values.below),
        Envelope.of(*middle),
        Envelope.of(line, line),
        int(values.hidden.sum()),
    )


def widen(envelope: Envelope, reach: int) -> Envelope:
    """Extend the range of each column to the ranges of `reach` columns on either side."""
    known = np.isfinite(envelope.low)
    edge = (reach, reach)
    lows = np.pad(np.where(known, envelope.low, np.inf), edge, constant_values=np.inf)
    highs = np.pad(np.where(known, envelope.high, -np.inf), edge, constant_values=-np.inf)
    low = sliding_window_view(lows, 2 * reach + 1).min(axis=1)
    high = sliding_window_view(highs, 2 * reach + 1).max(axis=1)
    return replace(envelope, low=np.where(known, low, np.nan), high=np.where(known, high, np.nan))


def _bridge(values: Floats, broken: NDArray[np.bool_], x: Floats, y: Floats, limits: Limits, warp: Warp) -> Floats:
    """Interpolate linearly between columns with points, unless a column between them is broken.

    At the edges, interpolate to the points beyond the limits.
    """
    if len(x):
        for column, edge in ((0, limits[0]), (-1, limits[1])):
            if np.isnan(values[column]) and not broken[column] and x[0] < edge < x[-1]:
                values[column] = _between_neighbours(edge, x, y, warp)
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


def _between_neighbours(place: float, x: Floats, y: Floats, warp: Warp) -> float:
    """Interpolate linearly between the two points around `place`; return NaN where either point is not shown."""
    after = int(np.searchsorted(x, place, side="right"))
    left, right = map(float, shown_values(y[after - 1 : after + 1], warp)[0])
    if not (math.isfinite(left) and math.isfinite(right)):
        return math.nan
    share = (place - float(x[after - 1])) / (float(x[after]) - float(x[after - 1]))
    return left * (1 - share) + right * share
