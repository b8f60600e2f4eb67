"""Linear y axis of a chart: round values on the centres of rows, a constant number of rows apart."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from jem_tui.raster.plot.scales.ticks import nice_step

Limits = tuple[float, float]

_EDGE = 3 / 8
"""Distance from the centre of a row to its outermost dots, in rows."""
_SLACK = 0.01
"""Share of a scale by which values may exceed it: they are drawn at the edge."""
_FEW_TICKS = 1.3
"""Factor by which a scale may be larger to have a third tick."""
_CROWDED = 1.5
"""Factor by which a scale may be larger to keep its ticks out of adjacent rows."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Linear y axis over `rows` rows of cells, with a tick every `pitch` rows."""

    rows: int
    step: float
    """Difference of the values of two adjacent ticks."""
    pitch: int
    first: int
    """Value at the centre of the lowest row, in rows above zero."""
    most: float = math.inf
    """Largest value that can have a tick."""

    @property
    def unit(self) -> float:
        """Difference of the values at the centres of two adjacent rows."""
        return self.step / self.pitch

    @property
    def limits(self) -> Limits:
        """Values of the lowest and the highest row of dots."""
        return (self.first - _EDGE) * self.unit, (self.first + self.rows - 1 + _EDGE) * self.unit

    @property
    def ticks(self) -> list[tuple[int, float]]:
        """Row from the top and value of each tick, the lowest tick first."""
        above = range(-self.first % self.pitch, self.rows, self.pitch)
        ticks = [(self.rows - 1 - row, (self.first + row) // self.pitch * self.step) for row in above]
        return [(row, value) for row, value in ticks if value < self.most + self.step / 2]

    def shows(self, low: float, high: float) -> bool:
        """Return whether [low, high] lies within the limits, with a tolerance of 1 %."""
        bottom, top = self.limits
        slack = _SLACK * (top - bottom)
        return bottom - slack <= low and high <= top + slack


def fit_scale(low: float, high: float, rows: int, bounds: Limits | None = None) -> Scale:
    """Return the closest scale that shows [low, high] on `rows` rows, with at least two ticks from two rows on.

    With `bounds`, a bound at the end of the scale is the centre of a row, no value below the lower bound is shown, and the middle
    between the bounds is a tick from three rows on.
    """
    bounds = bounds if rows > 1 else None
    halves = {(rows - 1) // 2} if bounds and rows > 4 else set()
    pitches = sorted({*_pitches(rows), *halves})
    return min((scale for pitch in pitches for scale in _scales(low, high, rows, pitch, bounds)), key=_cost)


def _cost(scale: Scale) -> float:
    few = _FEW_TICKS if len(scale.ticks) < 3 <= scale.rows else 1.0
    crowded = _CROWDED if scale.pitch == 1 and scale.rows > 3 else 1.0
    return scale.unit * few * crowded


def _pitches(rows: int) -> range:
    """Return the possible distances of ticks in rows, larger on higher charts."""
    if rows <= 4:
        return range(1, max(2, rows))
    least = max(2, rows // 6)
    return range(least, min(2 * least + 2, rows))


def _scales(low: float, high: float, rows: int, pitch: int, bounds: Limits | None) -> Iterator[Scale]:
    """Yield the closest scale with ticks every `pitch` rows, if one exists."""
    part = (bounds[1] - bounds[0]) / (2 if rows > 2 else 1) if bounds else 0.0
    most = bounds[1] if bounds else math.inf
    step = nice_step((high - low) / rows * pitch, 1)
    for _ in range(6):
        if abs(part / step - round(part / step)) < 1e-6 and (not part or step <= 1.001 * part):
            places = _places(low, high, rows, step / pitch, bounds)
            ticks = [(first + rows - 1) // pitch - (first - 1) // pitch for first in places]
            if ticks and (best := max(min(3, count) for count in ticks)) >= min(2, rows):
                first = next(first for first, count in zip(places, ticks, strict=True) if count >= best)
                yield Scale(rows, step, pitch, first, most)
                return
        step = nice_step(1.5 * step, 1)


def _places(low: float, high: float, rows: int, unit: float, bounds: Limits | None) -> Sequence[int]:
    """Return the possible values of `Scale.first`, best first.

    The best centres [low, high], without empty rows below zero or below the lower bound.
    """
    slack = _SLACK * (rows - 1 + 2 * _EDGE)
    ceiling = 1e-6 if bounds and high >= bounds[1] else _EDGE + slack
    least = math.ceil(high / unit - (rows - 1) - ceiling)
    most = math.floor(low / unit + _EDGE + slack)
    if bounds:
        least = max(least, math.ceil(bounds[0] / unit - 1e-6))
        return range(least, min(least, most) + 1)
    middle = (low + high) / 2 / unit - (rows - 1) / 2
    return sorted(range(max(least, 0) if low >= 0 else least, most + 1), key=lambda first: abs(first - middle))
