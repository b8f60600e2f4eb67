"""Changes to the configured settings during a run: overrides by the user, and recovery factors from rollbacks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from jem_tui.config.sampler_settings import SgldConfig
from jem_tui.events.commands import Adjustable


@dataclass(frozen=True, kw_only=True)
class Adjustment:
    """The effect of the user's increments on one adjustable setting."""

    saved_as: str
    """Name of the increments in checkpoints."""
    limit: int
    """Largest number of increments from the configured value, up or down."""
    factor: float = 1.0
    """Factor on the value for one increment up."""
    summand: int = 0
    """Amount added to the value for one increment up; the result is at least 1, and a value of 0 stays 0."""
    scheduled: bool = False
    """True: the value follows a schedule, and `Learner` has a method for it. False: the value is a scalar of `SgldScalars`."""

    def apply(self, value: float, increments: int) -> float:
        """Return the value after `increments`, which may be negative."""
        if self.summand:
            return max(1, value + self.summand * increments) if value else value
        return self.factor**increments * value


ADJUSTMENTS: dict[Adjustable, Adjustment] = {
    "optimizer.rate": Adjustment(saved_as="rate", factor=1.25, limit=16, scheduled=True),
    "sgld.step_size": Adjustment(saved_as="step_size", factor=1.25, limit=16),
    "sgld.steps": Adjustment(saved_as="steps", summand=1, limit=100, scheduled=True),
}
"""Every adjustable setting; the keys that adjust it are in `tui/keys/training_keys.py`."""


@dataclass(kw_only=True)
class Overrides:
    """The user's changes to each adjustable setting, in increments from the configured value."""

    increments: dict[Adjustable, int] = field(default_factory=lambda: dict.fromkeys(ADJUSTMENTS, 0))

    def add(self, name: Adjustable, increments: int) -> None:
        """Change one setting by `increments`, which may be negative, up to the limit of its range."""
        limit = ADJUSTMENTS[name].limit
        self.increments[name] = max(-limit, min(limit, self.increments[name] + increments))

    def apply(self, name: Adjustable, value: float) -> float:
        """Return the value of one setting after the user's increments; exactly `value` if there are none."""
        return ADJUSTMENTS[name].apply(value, self.increments[name])

    def apply_to_sgld(self, settings: SgldConfig) -> SgldConfig:
        """Return the sampler's settings after the user's increments, except K, which follows a schedule."""
        changed: dict[str, Any] = {}
        for name, increments in self.increments.items():
            section, _, setting = name.partition(".")
            if increments and section == "sgld" and not ADJUSTMENTS[name].scheduled:
                changed[setting] = self.apply(name, getattr(settings, setting))
        return replace(settings, **changed) if changed else settings

    def state_dict(self) -> dict[str, int]:
        """Return the increments of every setting, by their names in checkpoints."""
        return {adjustment.saved_as: self.increments[name] for name, adjustment in ADJUSTMENTS.items()}

    def load_state_dict(self, state: Mapping[str, int]) -> None:
        """Restore the increments from a state returned by `state_dict`; a setting that the state lacks has none."""
        self.increments = {name: state.get(adjustment.saved_as, 0) for name, adjustment in ADJUSTMENTS.items()}


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
