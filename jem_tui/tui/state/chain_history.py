"""The history of every chain's energy."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jem_tui.events.recording import ChainSnapshot
from jem_tui.events.run import Samples
from jem_tui.stream.log_data.entries import MOST_SNAPSHOTS
from jem_tui.stream.log_data.limits import MOST_SNAPSHOT_BYTES


@dataclass(frozen=True, slots=True)
class SlotHistory:
    """One slot of the replay buffer over the snapshots, earliest first; arrays of shape (n,)."""

    steps: NDArray[np.int64]
    energies: NDArray[np.float64]
    """E(x̂), in nats."""
    predicted: NDArray[np.int64]
    """The most probable class; −1 where it is unknown."""
    restarts: NDArray[np.int64]


class ChainHistory:
    """The newest chain snapshots of a run, by step."""

    def __init__(self) -> None:
        self._snapshots: deque[ChainSnapshot] = deque(maxlen=MOST_SNAPSHOTS)

    def observe(self, samples: Samples) -> None:
        """Add a snapshot of the chains in `samples`."""
        self.add(ChainSnapshot(samples.step, samples.energy, samples.reseeds, samples.predicted))

    def add(self, snapshot: ChainSnapshot) -> None:
        """Add a snapshot; remove snapshots that a rollback has made void, and snapshots of another number of chains."""
        self.truncate_after(snapshot.step - 1)
        if self._snapshots and self._snapshots[-1].energy.shape != snapshot.energy.shape:
            self._snapshots.clear()
        self._snapshots.append(snapshot)
        # All snapshots are of one size
        most = MOST_SNAPSHOT_BYTES // max(1, snapshot.energy.nbytes + snapshot.reseeds.nbytes)
        while len(self._snapshots) > max(1, most):
            self._snapshots.popleft()

    def truncate_after(self, step: int) -> None:
        """Remove the snapshots after `step`."""
        while self._snapshots and self._snapshots[-1].step > step:
            self._snapshots.pop()

    def energies(self, row: int) -> NDArray[np.float64]:
        """Return E(x̂) of the chain in `row` at every snapshot since its last restart, in nats, shape (n,); empty without such a chain."""
        if not self._snapshots or row >= len(self._snapshots[-1].energy):
            return np.empty(0)
        return np.array([float(snapshot.energy[row]) for snapshot in self._since_restart(row)][::-1])

    def of_slot(self, row: int) -> SlotHistory:
        """Return energy, class and restarts of the slot in `row` at every snapshot; empty without such a slot."""
        known = [each for each in self._snapshots if row < len(each.energy)]
        classes = [-1 if each.predicted is None else int(each.predicted[row]) for each in known]
        return SlotHistory(
            np.array([each.step for each in known], dtype=np.int64),
            np.array([each.energy[row] for each in known], dtype=np.float64),
            np.array(classes, dtype=np.int64),
            np.array([each.reseeds[row] for each in known], dtype=np.int64),
        )

    def _since_restart(self, row: int) -> Iterator[ChainSnapshot]:
        """Yield the snapshots since the last restart of a chain, the newest first."""
        for snapshot in reversed(self._snapshots):
            if snapshot.reseeds[row] != self._snapshots[-1].reseeds[row]:
                return
            yield snapshot
