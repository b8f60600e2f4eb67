"""The states of the ranks of a run, that is, of the processes that train one model together."""

from __future__ import annotations

import math
from dataclasses import dataclass

from jem_tui.events.event import Event

MOST_RANKS = 4096
"""Maximum number of ranks of a run that is recorded and displayed."""
MOST_OF_NAME = 128
"""Maximum length of the name of a host or a device."""
EQUAL_WAITING = 0.05
"""Difference between shares of waiting below which no rank is the slowest, because it is noise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RankStates(Event):
    """The state of every rank of a run on several ranks, averaged since the previous `RankStates`. Entry r of each list is of rank r."""

    hosts: tuple[str, ...]
    """The name of the machine; empty for a rank that has not reported."""
    devices: tuple[str, ...]
    """The name of the GPU, or `cpu`."""
    images_per_second: tuple[float, ...]
    """Images per second of the rank, not counting the time in which it waits for other ranks; NaN if unknown."""
    energy: tuple[float, ...]
    """Mean E(x) of the training images of the rank, in nats; NaN if unknown."""
    waiting: tuple[float, ...]
    """Share of the time in which the rank waits for other ranks, in [0, 1]; NaN if unknown."""
    memory: tuple[int, ...]
    """Bytes in use: of the GPU, or of the process on a CPU; 0 if unknown."""
    memory_total: tuple[int, ...]
    """Bytes of the GPU, or of the machine for a CPU; 0 if unknown."""

    @property
    def size(self) -> int:
        """The number of ranks."""
        return len(self.hosts)

    @property
    def slowest(self) -> int | None:
        """The rank that waits least, for which the others wait; None if no rank differs or none has reported."""
        known = [(share, rank) for rank, share in enumerate(self.waiting) if math.isfinite(share)]
        if not known or max(known)[0] - min(known)[0] < EQUAL_WAITING:
            return None
        return min(known)[1]


def check_rank_states(event: RankStates) -> None:
    """Raise ValueError unless every rank has one entry in each list, and names and number of ranks are within their limits."""
    lists = (event.devices, event.images_per_second, event.energy, event.waiting, event.memory, event.memory_total)
    if any(len(each) != event.size for each in lists):
        raise ValueError("lists of ranks differ in length")
    if event.size > MOST_RANKS:
        raise ValueError("there are too many ranks")
    if any(len(name) > MOST_OF_NAME for name in (*event.hosts, *event.devices)):
        raise ValueError("the name of a host or a device is too long")
