"""What has been seen of every chain's energy."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from jem_tui.events.recording import ChainSnapshot
from jem_tui.events.run import Samples
from jem_tui.stream.log_data.entries import MOST_SNAPSHOTS


class ChainHistory:
    """The latest looks at the chains of a run, by step."""

    def __init__(self) -> None:
        self._looks: deque[ChainSnapshot] = deque(maxlen=MOST_SNAPSHOTS)

    def observe(self, samples: Samples) -> None:
        """Keep what pictures say of energies."""
        self.add(ChainSnapshot(samples.step, samples.energy, samples.reseeds))

    def add(self, look: ChainSnapshot) -> None:
        """Keep a look, and forget those that a rewind has made void, or that were at other chains."""
        self.cut(look.step - 1)
        if self._looks and self._looks[-1].energy.shape != look.energy.shape:
            self._looks.clear()
        self._looks.append(look)

    def cut(self, step: int) -> None:
        """Forget what was seen after a step."""
        while self._looks and self._looks[-1].step > step:
            self._looks.pop()

    def energies(self, row: int) -> NDArray[np.float64]:
        """E(x̂) of one chain, in nats, at every look since its last restart, shape (n,); empty without such a chain."""
        if not self._looks or row >= len(self._looks[-1].energy):
            return np.empty(0)
        return np.array([float(look.energy[row]) for look in self._life(row)][::-1])

    def _life(self, row: int) -> Iterator[ChainSnapshot]:
        """What was seen of a chain, the latest first."""
        for look in reversed(self._looks):
            if look.reseeds[row] != self._looks[-1].reseeds[row]:
                return
            yield look
