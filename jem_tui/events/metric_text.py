"""The explanation of one metric."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricText:
    """Explanation of one metric."""

    name: str
    """The name in words."""
    meaning: str
    """The definition, as part of a sentence."""
    unit: str
    logged: str
    """The condition under which a run logs the metric."""
    healthy: str = ""
    """The course of the curve in a healthy run, in sentences; empty for what is not a curve."""
    faults: str = ""
    """The courses that show a fault, with cause and action, in sentences."""

    @property
    def paragraph(self) -> str:
        """Everything about the curve in one paragraph."""
        unit = "" if self.unit == "–" else f" ({self.unit})"
        parts = [f"{self.meaning[0].upper()}{self.meaning[1:]}{unit}."]
        parts += [f"Healthy: {self.healthy}"] if self.healthy else []
        parts += [f"Faults: {self.faults}"] if self.faults else []
        return " ".join(parts)
