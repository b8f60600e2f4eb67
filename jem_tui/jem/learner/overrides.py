"""Changes to the configured settings during a run: overrides by the user, and recovery factors from rollbacks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jem_tui.events.commands import Adjustable

INCREMENT_FACTOR = 1.25
"""Factor on a rate or a step size for one increment."""
MOST_INCREMENTS = 16
"""Largest number of increments from the configured value, up or down: a factor of 36."""
MOST_STEPS = 100
"""Largest number of SGLD steps added to the configured K or subtracted from it."""


@dataclass(kw_only=True)
class Overrides:
    """The user's changes to each adjustable setting, in increments from the configured value."""

    rate: int = 0
    step_size: int = 0
    steps: int = 0

    @property
    def rate_factor(self) -> float:
        """Factor on the learning rate."""
        return INCREMENT_FACTOR**self.rate

    @property
    def step_size_factor(self) -> float:
        """Factor on the step size of SGLD."""
        return INCREMENT_FACTOR**self.step_size

    def add(self, name: Adjustable, increments: int) -> None:
        """Change one setting by `increments`, which may be negative, up to the end of its range."""
        match name:
            case "optimizer.rate":
                self.rate = _within(self.rate + increments, MOST_INCREMENTS)
            case "sgld.step_size":
                self.step_size = _within(self.step_size + increments, MOST_INCREMENTS)
            case "sgld.steps":
                self.steps = _within(self.steps + increments, MOST_STEPS)

    def state_dict(self) -> dict[str, int]:
        """Return the increments of every setting."""
        return {"rate": self.rate, "step_size": self.step_size, "steps": self.steps}

    def load_state_dict(self, state: Mapping[str, int]) -> None:
        """Restore the increments from a state returned by `state_dict`."""
        self.rate, self.step_size, self.steps = state["rate"], state["step_size"], state["steps"]


@dataclass(kw_only=True)
class RecoveryFactors:
    """Factors on the learning rate and on K that rollbacks have changed."""

    rate: float = 1.0
    steps: float = 1.0

    def state_dict(self) -> dict[str, float]:
        """Return both factors."""
        return {"rate": self.rate, "steps": self.steps}

    def load_state_dict(self, state: Mapping[str, float]) -> None:
        """Restore both factors from a state returned by `state_dict`."""
        self.rate, self.steps = state["rate"], state["steps"]


def _within(value: int, most: int) -> int:
    return max(-most, min(most, value))
