"""Figures of the table of ranks: of each rank and of a summary, with marks at the slowest rank and at ranks that deviate."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from jem_tui.events.rank_states import RankStates

FAR, FAR_OF_FEW = 6.0, 24.0
"""Distance from the median of n mean energies at which a rank deviates, in estimated standard deviations: `FAR + FAR_OF_FEW / n`.

The estimate from few ranks is so uncertain that with a smaller distance, a tenth of the events would mark a rank although all are equal.
"""
FEWEST = 4
"""Minimum number of ranks of which one can deviate."""
MEDIAN_TO_DEVIATION = 1.4826
"""Standard deviation of a normal distribution over its median absolute deviation."""
LEAST_SPREAD = 0.002
"""Smallest standard deviation of the mean energies, relative to their median or to 1 nat: smaller differences do not matter."""
LARGEST = 1e100
"""Largest magnitude of an energy in the spread, beyond which differences would overflow."""
LEAST, MEDIAN, MOST = "min", "med", "max"
SUMMARIES = (LEAST, MEDIAN, MOST)
"""Labels of the rows of a summary."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RankFigures:
    """One row of the table: a rank, or the minimum, the median or the maximum of all ranks."""

    label: str
    images_per_second: float
    energy: float
    waiting: float
    memory: int
    memory_total: int
    host: str = ""
    device: str = ""
    summary: bool = False
    slowest: bool = False
    deviates: bool = False
    """True if the mean energy is far from those of the other ranks."""

    @property
    def silent(self) -> bool:
        """True for a rank that has not reported."""
        return all(map(math.isnan, (self.images_per_second, self.energy, self.waiting))) and not self.summary


@dataclass(frozen=True, slots=True)
class EnergySpread:
    """Range, median and deviation of the mean energies of the ranks."""

    low: float
    high: float
    median: float
    far: float
    """Distance from the median at which a rank deviates; infinite for few ranks."""

    @classmethod
    def of(cls, energies: Sequence[float]) -> EnergySpread:
        """Measure the finite energies; without any, all is zero."""
        known = [_limited(each) for each in energies if math.isfinite(each)] or [0.0]
        middle = float(median(known))
        distance = float(median(abs(each - middle) for each in known))
        least = LEAST_SPREAD * max(1.0, abs(middle))
        factor = FAR + FAR_OF_FEW / len(known) if len(known) >= FEWEST else math.inf
        return cls(min(known), max(known), middle, factor * max(MEDIAN_TO_DEVIATION * distance, least))

    def place(self, energy: float) -> float | None:
        """Return the place of an energy from the lowest (0) to the highest (1); None for a number that is not finite."""
        if not math.isfinite(energy):
            return None
        width = self.high - self.low
        return min(1.0, max(0.0, (_limited(energy) - self.low) / width)) if width > 0 else 0.5

    def deviates(self, energy: float) -> bool:
        """Return whether an energy is infinite or far from the median."""
        if math.isnan(energy):
            return False
        return math.isinf(energy) or abs(_limited(energy) - self.median) > self.far


def figures_of(states: RankStates, rank: int, spread: EnergySpread) -> RankFigures:
    """Return the figures of one rank."""
    energy = states.energy[rank]
    return RankFigures(
        label=str(rank),
        host=states.hosts[rank],
        device=states.devices[rank],
        images_per_second=states.images_per_second[rank],
        energy=energy,
        waiting=states.waiting[rank],
        memory=states.memory[rank],
        memory_total=states.memory_total[rank],
        slowest=rank == states.slowest,
        deviates=spread.deviates(energy),
    )


def summary_of(states: RankStates, label: str) -> RankFigures:
    """Return the minimum, the median or the maximum of each figure over the ranks that have reported."""
    return RankFigures(
        label=label,
        images_per_second=_summary(label, states.images_per_second),
        energy=_summary(label, states.energy),
        waiting=_summary(label, states.waiting),
        memory=int(_summary(label, [each for each in states.memory if each > 0] or [0])),
        memory_total=int(_summary(label, [each for each in states.memory_total if each > 0] or [0])),
        summary=True,
    )


def slowest_first(states: RankStates, spread: EnergySpread) -> list[int]:
    """Return all ranks in the order of display: those without a report, the slowest, those that deviate, then the rest by waiting, least first."""
    slowest = states.slowest

    def key(rank: int) -> tuple[float, float, float, int]:
        numbers = states.waiting[rank], states.images_per_second[rank]
        waiting, speed = (-math.inf if math.isnan(number) else number for number in numbers)
        group = 1 if rank == slowest else 2 if spread.deviates(states.energy[rank]) else 3
        return (0 if all(map(math.isnan, numbers)) else group, waiting, speed, rank)

    return sorted(range(states.size), key=key)


def _summary(label: str, values: Sequence[float]) -> float:
    known = [each for each in values if math.isfinite(each)]
    if not known:
        return math.nan
    low, high = min(known), max(known)
    if label == MEDIAN:
        middle = sorted(known)[(len(known) - 1) // 2 : len(known) // 2 + 1]
        return middle[0] / 2 + middle[-1] / 2
    return low if label == LEAST else high


def _limited(energy: float) -> float:
    return min(LARGEST, max(-LARGEST, energy))
