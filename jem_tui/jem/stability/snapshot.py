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
    """A run after `step` optimizer steps: weights, average, optimizer, chains, data order, streams, and the watchdog's memory.

    It lies on the device of the run and takes what a checkpoint takes, mostly the chains: 31 MB for 10,000 digits,
    123 MB for 10,000 colour images of 32×32.
    """

    step: int
    learner: Mapping[str, Any]
    watchdog: Mapping[str, Any]

    @classmethod
    def take(cls, step: int, learner: Learner, watchdog: Watchdog) -> Snapshot:
        """A copy that training on leaves as it is."""
        return cls(step=step, learner=copied(learner.state_dict()), watchdog=watchdog.state_dict())

    def restore(self, learner: Learner, watchdog: Watchdog) -> None:
        """Put everything back; the snapshot can be restored again."""
        learner.load_state_dict(copied(self.learner))
        watchdog.load_state_dict(self.watchdog)


def copied(state: Any) -> Any:
    """Nested dicts and lists with every tensor copied; an optimizer would otherwise go on with those of the snapshot."""
    if isinstance(state, Tensor):
        return state.clone()
    if isinstance(state, Mapping):
        return {key: copied(value) for key, value in state.items()}
    return [copied(value) for value in state] if isinstance(state, list) else state
