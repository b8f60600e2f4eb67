"""Diagnoses, the results of the watchdog."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from jem_tui.errors import DivergenceError


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """The state of a run by one rule of the watchdog."""

    level: Literal["healthy", "warning", "diverged"] = "healthy"
    kind: str = ""
    """The rule that gave the diagnosis, in one word."""
    why: str = ""
    """The reason, as a sentence with the values."""
    numbers: Mapping[str, float] = field(default_factory=dict)

    @property
    def diverged(self) -> bool:
        return self.level == "diverged"

    @property
    def usable(self) -> bool:
        """True if the step's values are finite, so that an update can be made from them."""
        return self.kind != "loss"


HEALTHY = Diagnosis()


def shown(value: float) -> str:
    """Format a value with four significant digits."""
    return f"{value:.4g}"


def divergence(kind: str, why: str, numbers: Mapping[str, float]) -> Diagnosis:
    """Create the diagnosis of a diverged run."""
    return Diagnosis(level="diverged", kind=kind, why=why, numbers=numbers)


def warning(kind: str, why: str, numbers: Mapping[str, float]) -> Diagnosis:
    """Create the diagnosis of a run that should be watched."""
    return Diagnosis(level="warning", kind=kind, why=why, numbers=numbers)


def unrecovered(diagnosis: Diagnosis, step: int, attempts: str) -> DivergenceError:
    """Create the error that ends a run which diverged at `step`, with words on the `attempts` to recover."""
    return DivergenceError(
        f"Training diverged at step {step:,}: {diagnosis.why}{attempts}.",
        "Try a smaller -s optimizer.rate or -s sgld.step_size; with --resume, from the last checkpoint if there is one.",
    )
