"""The report of a health check, which the watchdog judges."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthReport:
    """Quantities that are too expensive for every step; None where no chains have moved."""

    finite: bool
    """True if all weights, their average, and all chains are finite."""
    class_entropy: float | None = None
    """Entropy of the classes predicted for moved chains, divided by its maximum: in [0, 1]."""
    saturated: float | None = None
    """Share of saturated pixels in the moved chains."""
    saturated_data: float = 0.0
    """Share of saturated pixels in the images."""
    variety: float | None = None
    """Variance between moved chains, pixel by pixel, divided by the variance between images."""

    @property
    def saturation_excess(self) -> float | None:
        """Excess of saturated pixels, (s − d) / (1 − d) for the share s of the chains and d of the images; None where no chains have moved.

        It is 0 where both shares are equal, 1 where all pixels of the chains are saturated, and negative where images have more.
        """
        left = max(1e-6, 1 - self.saturated_data)
        return None if self.saturated is None else (self.saturated - self.saturated_data) / left
