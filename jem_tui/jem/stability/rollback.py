"""The way back from a divergence: snapshots of states that proved good, and what changes on the next attempt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from jem_tui.config.schema import RunConfig
from jem_tui.jem.learner.learner import Learner
from jem_tui.jem.stability.diagnosis import Diagnosis
from jem_tui.jem.stability.health_check import broken_chains, make_health_report
from jem_tui.jem.stability.snapshot import Snapshot
from jem_tui.jem.stability.watchdog import Watchdog

MOST_STEPS_FACTOR = 4.0
"""K grows up to this many times its setting."""


class Recovery:
    """Owns the watchdog and at most two snapshots: a good one, and a newer one that has yet to prove itself.

    The state that the program starts from, or resumes from, counts as good: the snapshots are not in checkpoints. A newer
    one becomes good when nothing has diverged until the one after it is due; that is also what counts as progress.
    """

    def __init__(self, config: RunConfig, learner: Learner) -> None:
        self.watchdog = Watchdog(config.stability)
        self.attempts = 0
        """Rewinds to the present good snapshot."""
        self._config = config
        self._learner = learner
        self._good: Snapshot | None = None
        self._unproven: Snapshot | None = None
        self.rollbacks = 0
        """How often the run went back, whoever wanted it: each time its random streams become others."""
        self._checked = 0
        """The step of the last look."""

    @property
    def exhausted(self) -> bool:
        """Whether the next divergence ends the run."""
        stability = self._config.stability
        return stability.on_divergence == "stop" or self.attempts >= stability.tries

    def check_health(self, step: int) -> list[Diagnosis]:
        """The watchdog's findings on chains and weights every `snapshot_every` steps, and a snapshot unless it diverged."""
        self._good = self._good or self._snapshot(step)
        if step % self._config.stability.snapshot_every or step == self._checked:
            return []
        self._checked = step
        diagnoses = self.watchdog.judge_health(make_health_report(self._learner))
        if not any(diagnosis.diverged for diagnosis in diagnoses):
            if self._unproven is not None:
                self._good, self.attempts = self._unproven, 0
            self._unproven = self._snapshot(step)
        return diagnoses

    def roll_back(self, slots: Tensor) -> tuple[int, int]:
        """Go back, more carefully and with new random streams; returns the step and how many chains were restarted.

        These are the chains in `slots` (n,), which the run diverged over, and all that are no use in the good state either.
        """
        stability, recovery_factors = self._config.stability, self._learner.recovery_factors
        rate = recovery_factors.rate * stability.rate_cut
        steps = min(MOST_STEPS_FACTOR, recovery_factors.steps * stability.steps_factor)
        attempt = self.attempts + 1
        step = self.restore()
        recovery_factors.rate, recovery_factors.steps, self.attempts = rate, steps, attempt
        self.rollbacks += 1
        self._learner.generators.seed(self._config.train.seed, self.rollbacks)
        broken = broken_chains(self._learner, stability.energy_limit)
        affected = torch.unique(torch.cat([slots.to(broken.device), broken]))
        self._learner.chain_pool.restart(affected)
        return step, len(affected)

    def accept_new_state(self, rollbacks: int) -> None:
        """The run was put back by its user, after `rollbacks` returns so far: what it is now counts as good."""
        self._good = self._unproven = None
        self.rollbacks = rollbacks + 1
        self._learner.generators.seed(self._config.train.seed, self.rollbacks)

    def restore(self) -> int:
        """Put the good snapshot back as it was, with all attempts before it, and return its step."""
        assert self._good is not None
        self._good.restore(self._learner, self.watchdog)
        self._unproven, self._checked, self.attempts = None, self._good.step, 0
        return self._good.step

    def state_dict(self) -> dict[str, Any]:
        """What a checkpoint keeps: all but the snapshots."""
        counts = {"attempts": self.attempts, "rewinds": self.rollbacks, "looked": self._checked}
        return {**counts, "watchdog": self.watchdog.state_dict()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Continue where `state_dict` was taken."""
        self.attempts, self.rollbacks, self._checked = state["attempts"], state["rewinds"], state["looked"]
        self.watchdog.load_state_dict(state["watchdog"])

    def _snapshot(self, step: int) -> Snapshot | None:
        """A copy, if it can ever be needed; that of the last step taken serves twice."""
        if self._config.stability.on_divergence != "rollback":
            return None
        if self._good is not None and self._good.step == step:
            return self._good
        return Snapshot.take(step, self._learner, self.watchdog)
