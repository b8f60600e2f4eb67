"""Warped y axis of a chart: ticks at round values, unequally spaced."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from jem_tui.raster.plot.canvas import DOTS_HIGH, to_rows
from jem_tui.raster.plot.columns.curves import Floats
from jem_tui.raster.plot.scales.scale import Limits
from jem_tui.raster.plot.scales.ticks import ticks
from jem_tui.raster.plot.scales.warp import Warp

_MARGIN = 0.04
"""Share of the span that is added at either end: a scale that fits closely moves often."""
_SLACK = 0.01
_DECADES = 12
"""Number of powers of ten, downwards from the largest, that may be ticks."""
_FACTORS = ((1.0,), (2.0, 5.0), (3.0, 4.0, 6.0, 7.0, 8.0, 9.0))
"""Factors of powers of ten at ticks, the roundest first."""


@dataclass(frozen=True, slots=True)
class WarpedScale:
    """Warped y axis over `rows` rows of cells."""

    rows: int
    limits: Limits
    """Warped values of the lowest and the highest row of dots."""
    ticks: list[tuple[int, float]]
    """Row from the top and value of each tick, the lowest tick first."""
    warp: Warp

    @classmethod
    def around(cls, low: float, high: float, rows: int, warp: Warp) -> WarpedScale:
        """Return a scale that shows the warped values in [low, high] with a margin."""
        room = _MARGIN * (high - low)
        limits = low - room, high + room
        return cls(rows, limits, _ticks(limits, rows, warp), warp)

    @property
    def unit(self) -> float:
        """Difference of the warped values at the centres of two adjacent rows."""
        return (self.limits[1] - self.limits[0]) / self.rows

    def shows(self, low: float, high: float) -> bool:
        """Return whether the warped [low, high] lies within the limits, with a tolerance of 1 %."""
        slack = _SLACK * (self.limits[1] - self.limits[0])
        return self.limits[0] - slack <= low and high <= self.limits[1] + slack


def _ticks(limits: Limits, rows: int, warp: Warp) -> list[tuple[int, float]]:
    """Return the roundest values whose labels have enough rows between them."""
    apart = max(2, rows // 6) if rows > 3 else 1
    values = _candidates(*(float(value) for value in warp.inverse(np.array(limits))))
    places = to_rows(warp.forward(values), limits, DOTS_HIGH * rows) // DOTS_HIGH
    taken: dict[int, float] = {}
    for value, row in zip(values.tolist(), places.tolist(), strict=True):
        if all(abs(row - other) >= apart for other in taken):
            taken[row] = value
    return sorted(taken.items(), reverse=True)


def _candidates(low: float, high: float) -> Floats:
    """Return values in [low, high], the roundest first: 0, powers of ten, their multiples, and equally spaced values."""
    highest = math.floor(math.log10(max(abs(low), abs(high), 1e-300)))
    powers = 10.0 ** np.arange(highest, highest - _DECADES, -1.0)
    multiples = [np.outer(powers, factors).ravel() for factors in _FACTORS]
    signed = [np.stack([part, -part], axis=1).ravel() for part in multiples]
    values = np.concatenate([[0.0], *signed, ticks(low, high, 10)])
    inside: Floats = values[(values >= low) & (values <= high)]
    return inside
