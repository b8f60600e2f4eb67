"""The y axis of a chart: round values on the centres of rows, the same number of rows apart."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from jem_tui.raster.plot.ticks import nice_step

Limits = tuple[float, float]

_EDGE = 3 / 8
"""Rows from the centre of a row to its outermost dots."""
_SLACK = 0.01
"""Share of a scale by which what it has to show may stick out: such values are drawn at the edge."""
_FEW_TICKS = 1.3
"""How much larger a scale may be if that gives it a third tick."""
_CROWDED = 1.5
"""How much larger a scale may be if that keeps its ticks out of adjacent rows."""


@dataclass(frozen=True, slots=True)
class Scale:
    """A y axis over `rows` rows of cells, with a tick every `pitch` rows."""

    rows: int
    step: float
    """From one tick to the next."""
    pitch: int
    first: int
    """Value at the centre of the lowest row, in rows above zero."""
    most: float = math.inf
    """Greater values have no tick: there are none."""

    @property
    def unit(self) -> float:
        """Value from the centre of one row to the centre of the next."""
        return self.step / self.pitch

    @property
    def limits(self) -> Limits:
        """The values of the lowest and the highest row of dots."""
        return (self.first - _EDGE) * self.unit, (self.first + self.rows - 1 + _EDGE) * self.unit

    @property
    def ticks(self) -> list[tuple[int, float]]:
        """Row from the top, and value, of each tick, the lowest first."""
        above = range(-self.first % self.pitch, self.rows, self.pitch)
        ticks = [(self.rows - 1 - row, (self.first + row) // self.pitch * self.step) for row in above]
        return [(row, value) for row, value in ticks if value < self.most + self.step / 2]

    def shows(self, low: float, high: float) -> bool:
        """Whether [low, high] is inside, give or take 1 %."""
        bottom, top = self.limits
        slack = _SLACK * (top - bottom)
        return bottom - slack <= low and high <= top + slack


def fit_scale(low: float, high: float, rows: int, bounds: Limits | None = None) -> Scale:
    """The closest scale that shows [low, high] on `rows` rows, with two ticks or more where there are two rows.

    With `bounds`, ends that are bounds are the centres of rows, nothing below the lower one is shown, and the middle between the
    bounds is a tick where there are three rows.
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
    """Rows from tick to tick: more of them on higher charts."""
    if rows <= 4:
        return range(1, max(2, rows))
    least = max(2, rows // 6)
    return range(least, min(2 * least + 2, rows))


def _scales(low: float, high: float, rows: int, pitch: int, bounds: Limits | None) -> Iterator[Scale]:
    """The closest scale with ticks every `pitch` rows, if there is one."""
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
    """Where the lowest row can be, best first: [low, high] in the middle, and nothing below zero or the lower bound in vain."""
    slack = _SLACK * (rows - 1 + 2 * _EDGE)
    ceiling = 1e-6 if bounds and high >= bounds[1] else _EDGE + slack
    least = math.ceil(high / unit - (rows - 1) - ceiling)
    most = math.floor(low / unit + _EDGE + slack)
    if bounds:
        least = max(least, math.ceil(bounds[0] / unit - 1e-6))
        return range(least, min(least, most) + 1)
    middle = (low + high) / 2 / unit - (rows - 1) / 2
    return sorted(range(max(least, 0) if low >= 0 else least, most + 1), key=lambda first: abs(first - middle))
