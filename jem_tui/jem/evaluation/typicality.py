"""The score typicality = min{z(log p(x)), z(−log |Δ log p|)}, standardised with validation images.

log p(x) alone ranks simple images above the data (arXiv 1810.09136), and gives images between two classes the density of data
although chains leave them at once. The second feature is high where one SGLD step hardly changes log p(x).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from jem_tui.jem.evaluation.scores import LOG_PX, STATIONARITY

TYPICALITY = "typicality"
FEATURES = (LOG_PX, STATIONARITY)
SMALLEST_SPREAD = 1e-6


@dataclass(frozen=True, kw_only=True)
class Typicality:
    """Mean and standard deviation of both features over validation images."""

    mean: Mapping[str, float]
    spread: Mapping[str, float]

    @classmethod
    def of_validation(cls, scores: Mapping[str, Tensor]) -> Typicality:
        """Return the standardisation by the scores (n,) of validation images."""
        return cls(
            mean={name: float(scores[name].mean()) for name in FEATURES},
            spread={name: max(SMALLEST_SPREAD, float(scores[name].std(correction=0))) for name in FEATURES},
        )

    def __call__(self, scores: Mapping[str, Tensor]) -> Tensor:
        """Return min{z(log p(x)), z(−log |Δ|)}, shape (n,), of images with these scores; 0 is the mean of validation images."""
        standardised = [(scores[name] - self.mean[name]) / self.spread[name] for name in FEATURES]
        return torch.stack(standardised).amin(0)
