"""Copies in memory of everything that training changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from jem_tui.jem.learner.learner import Learner
from jem_tui.jem.stability.watchdog import Watchdog


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """The state of a run after `step` optimizer steps: that of the learner, and the memory of the watchdog.

    A snapshot is kept on the device of the run and has the size of a checkpoint, mostly the chains: 31 MB for 10,000 digits,
    123 MB for 10,000 colour images of 32×32.
    """

    step: int
    learner: Mapping[str, Any]
    watchdog: Mapping[str, Any]

    @classmethod
    def take(cls, step: int, learner: Learner, watchdog: Watchdog) -> Snapshot:
        """Copy the current state. Raises MemoryError or RuntimeError where the copy does not fit into memory."""
        return cls(step=step, learner=copied(learner.state_dict()), watchdog=watchdog.state_dict())

    def restore(self, learner: Learner, watchdog: Watchdog) -> None:
        """Restore the copied state; a snapshot can be restored any number of times."""
        learner.load_state_dict(copied(self.learner))
        watchdog.load_state_dict(self.watchdog)


def copied(state: Any) -> Any:
    """Copy nested dicts and lists with every tensor in them, because an optimizer trains on the tensors that it loads."""
    if isinstance(state, Tensor):
        return state.clone()
    if isinstance(state, Mapping):
        return {key: copied(value) for key, value in state.items()}
    return [copied(value) for value in state] if isinstance(state, list) else state
