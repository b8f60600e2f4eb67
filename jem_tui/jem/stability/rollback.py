"""Rollbacks after a divergence: snapshots of good states, and the changes with which training is tried again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from jem_tui.config.schema import RunConfig
from jem_tui.jem.checkpoint.load_checkpoint import is_lack_of_memory
from jem_tui.jem.learner.learner import Learner
from jem_tui.jem.stability.diagnosis import Diagnosis, warning
from jem_tui.jem.stability.health_check import broken_chains, make_health_report
from jem_tui.jem.stability.snapshot import Snapshot
from jem_tui.jem.stability.watchdog import Watchdog

MOST_STEPS_FACTOR = 4.0
"""Largest factor of rollbacks on K."""


class Recovery:
    """Owns the watchdog and at most two snapshots: a good one, and a newer one that is not proven yet.

    The state in which the program starts or resumes counts as good, because checkpoints hold no snapshots. A newer snapshot
    becomes good, which also counts as progress, if nothing has diverged until the next one is due.
    """

    def __init__(self, config: RunConfig, learner: Learner) -> None:
        self.watchdog = Watchdog(config.stability)
        self.attempts = 0
        """Rollbacks to the current good snapshot."""
        self._config = config
        self._learner = learner
        self._good: Snapshot | None = None
        self._unproven: Snapshot | None = None
        self._lacked_memory = False
        self.rollbacks = 0
        """Rollbacks so far, after divergences and on request; each selects new random streams."""
        self._checked = 0
        """The step of the last health check."""

    @property
    def exhausted(self) -> bool:
        """True if a divergence ends the run, because rollbacks are off, used up, or impossible for lack of a snapshot."""
        stability = self._config.stability
        return stability.on_divergence == "stop" or self.attempts >= stability.tries or self._good is None

    @property
    def can_restore(self) -> bool:
        """True if there is a good snapshot that has been rolled back to."""
        return self.attempts > 0 and self._good is not None

    def check_health(self, step: int) -> list[Diagnosis]:
        """Return the diagnoses of weights and chains every `snapshot_every` steps, and take a snapshot unless they diverged."""
        due = step % self._config.stability.snapshot_every == 0 and step != self._checked
        taken: list[Diagnosis] = []
        if self._good is None and (due or not self._lacked_memory):
            self._good, taken = self._snapshot(step)
        if not due:
            return taken
        self._checked = step
        diagnoses = self.watchdog.judge_health(make_health_report(self._learner))
        if not any(diagnosis.diverged for diagnosis in diagnoses):
            if self._unproven is not None:
                self._good, self.attempts = self._unproven, 0
            self._unproven, taken = self._snapshot(step)
        return diagnoses + taken

    def roll_back(self, slots: Tensor | None) -> tuple[int, int]:
        """Restore the good snapshot with new recovery factors and random streams; return its step and the number of restarted chains on all ranks.

        Restarted are the chains in `slots` (n,), with which the run diverged, and all that are broken in the good state, too.
        """
        stability, factors = self._config.stability, self._learner.recovery_factors
        rate = factors.rate * stability.rate_cut
        steps = min(MOST_STEPS_FACTOR, factors.steps * stability.steps_factor)
        attempt = self.attempts + 1
        step = self.restore()
        factors.rate, factors.steps, self.attempts = rate, steps, attempt
        self.rollbacks += 1
        self._learner.generators.seed(self._config.train.seed, self.rollbacks)
        affected = broken_chains(self._learner, stability.energy_limit)
        if slots is not None:
            affected = torch.unique(torch.cat([slots.to(affected.device), affected]))
        self._learner.chain_pool.restart(affected)
        return step, self._learner.ranks.total(len(affected))

    def accept_new_state(self, rollbacks: int) -> None:
        """Count the learner's present state as good after a rollback on request, which followed `rollbacks` earlier ones."""
        self._good = self._unproven = None
        self.rollbacks = rollbacks + 1
        self._learner.generators.seed(self._config.train.seed, self.rollbacks)

    def restore(self) -> int:
        """Restore the good snapshot unchanged, reset the count of attempts, and return the snapshot's step."""
        assert self._good is not None
        self._good.restore(self._learner, self.watchdog)
        self._unproven, self._checked, self.attempts = None, self._good.step, 0
        return self._good.step

    def state_dict(self) -> dict[str, Any]:
        """Return the counts and the watchdog's memory, for a checkpoint; the snapshots are left out."""
        counts = {"attempts": self.attempts, "rewinds": self.rollbacks, "looked": self._checked}
        return {**counts, "watchdog": self.watchdog.state_dict()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Restore counts and memory from a state returned by `state_dict`."""
        self.attempts, self.rollbacks, self._checked = state["attempts"], state["rewinds"], state["looked"]
        self.watchdog.load_state_dict(state["watchdog"])

    def _snapshot(self, step: int) -> tuple[Snapshot | None, list[Diagnosis]]:
        """Take a snapshot if rollbacks are enabled; return None, with a warning, if memory runs out on any rank.

        The good snapshot serves again if it is of the same step.
        """
        if self._config.stability.on_divergence != "rollback":
            return None, []
        if self._good is not None and self._good.step == step:
            return self._good, []
        taken: Snapshot | None = None
        try:
            taken = Snapshot.take(step, self._learner, self.watchdog)
        except (MemoryError, RuntimeError) as error:
            if not is_lack_of_memory(error):
                raise
        if self._learner.ranks.all(taken is not None):
            return taken, []
        self._lacked_memory = True
        lack = warning("memory", self._lack_of_snapshot(), {})
        return None, [lack] if self.watchdog.is_due(lack) else []

    def _lack_of_snapshot(self) -> str:
        outcome = "ends the run" if self._good is None else f"rolls back to step {self._good.step:,}"
        return f"there is not enough memory for a snapshot: a divergence {outcome}; lower buffer.size in a new run"
