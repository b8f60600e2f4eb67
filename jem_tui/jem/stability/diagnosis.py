"""What the watchdog says of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """How the run is doing."""

    level: Literal["healthy", "warning", "diverged"] = "healthy"
    kind: str = ""
    """Which sign it was, in a word."""
    why: str = ""
    """A sentence with the numbers."""
    numbers: Mapping[str, float] = field(default_factory=dict)

    @property
    def diverged(self) -> bool:
        return self.level == "diverged"

    @property
    def usable(self) -> bool:
        """Whether there are numbers to go on with, good or bad."""
        return self.kind != "loss"


HEALTHY = Diagnosis()


def shown(value: float) -> str:
    """Four significant digits."""
    return f"{value:.4g}"


def divergence(kind: str, why: str, numbers: Mapping[str, float]) -> Diagnosis:
    return Diagnosis(level="diverged", kind=kind, why=why, numbers=numbers)
