"""Which chain is looked at, and what has been seen of every chain's energy."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from jem_tui.events import Samples

MOST = 512
"""Looks at the chains that are kept."""


class Choice:
    """A row of `Samples`; its history is made of the pictures that were shown."""

    def __init__(self) -> None:
        self.row = 0
        self._seen: deque[Samples] = deque(maxlen=MOST)

    def observe(self, samples: Samples | None) -> None:
        """Keep what is new; pictures from before the last ones are of another run, or of a jump back."""
        if samples is None or (self._seen and self._seen[-1] is samples):
            return
        if self._seen and (samples.step < self._seen[-1].step or len(samples.tiles) != len(self._seen[-1].tiles)):
            self._seen.clear()
        self._seen.append(samples)
        self.row = min(self.row, max(0, len(samples.tiles) - 1))

    def move(self, by: int, rows: Sequence[int]) -> None:
        """Choose another of `rows`, so many places on as they are shown; the first one if the chosen one is not among them."""
        if rows and self.row in rows:
            self.row = rows[max(0, min(len(rows) - 1, rows.index(self.row) + by))]
        elif rows:
            self.row = rows[0]

    def energies(self) -> NDArray[np.float64]:
        """E(x̂) of the chosen chain, in nats, at every look since its last restart, shape (n,)."""
        return np.array([float(s.energy[self.row]) for s in self._life()][::-1])

    def _life(self) -> Iterator[Samples]:
        """What was seen of the chain, the latest first."""
        latest = self._seen[-1] if self._seen else None
        for samples in reversed(self._seen):
            if latest is None or samples.reseeds[self.row] != latest.reseeds[self.row]:
                return
            yield samples
