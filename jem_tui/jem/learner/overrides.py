"""What can be turned while a run goes on, on top of its settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jem_tui.events.commands import Adjustable

INCREMENT_FACTOR = 1.25
"""Factor of one notch on a rate or a step size."""
MOST_INCREMENTS = 16
"""Notches from the setting, up or down: a factor of 36."""
MOST_STEPS = 100
"""SGLD steps that can be added to the setting's."""


@dataclass(kw_only=True)
class Overrides:
    """Where each knob stands, in increments from the setting."""

    rate: int = 0
    step_size: int = 0
    steps: int = 0

    @property
    def rate_factor(self) -> float:
        """On the learning rate."""
        return INCREMENT_FACTOR**self.rate

    @property
    def step_size_factor(self) -> float:
        """On the step size of SGLD."""
        return INCREMENT_FACTOR**self.step_size

    def add(self, name: Adjustable, increments: int) -> None:
        """Turn one knob up or, with negative `increments`, down, as far as it goes."""
        match name:
            case "optimizer.rate":
                self.rate = _within(self.rate + increments, MOST_INCREMENTS)
            case "sgld.step_size":
                self.step_size = _within(self.step_size + increments, MOST_INCREMENTS)
            case "sgld.steps":
                self.steps = _within(self.steps + increments, MOST_STEPS)

    def state_dict(self) -> dict[str, int]:
        """All of them."""
        return {"rate": self.rate, "step_size": self.step_size, "steps": self.steps}

    def load_state_dict(self, state: Mapping[str, int]) -> None:
        """Continue where `state_dict` was taken."""
        self.rate, self.step_size, self.steps = state["rate"], state["step_size"], state["steps"]


def _within(value: int, most: int) -> int:
    return max(-most, min(most, value))
