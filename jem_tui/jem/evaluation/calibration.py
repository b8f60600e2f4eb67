"""Calibration of p(y|x): accuracy, expected calibration error (arXiv 1706.04599) and the reliability diagram."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

BINS = 15


@dataclass(frozen=True, kw_only=True)
class Bin:
    """The images whose confidence max_y p(y|x) falls between `low` (included) and `high` (excluded)."""

    low: float
    high: float
    share: float
    """Fraction of all images in this bin."""
    confidence: float
    """Mean confidence of the bin's images; 0 for an empty bin."""
    accuracy: float
    """Fraction of the bin's images that are classified correctly; 0 for an empty bin."""


@dataclass(frozen=True, kw_only=True)
class Classification:
    """Accuracy and calibration of a network."""

    images: int
    accuracy: float
    """Fraction of images that are classified correctly."""
    xe: float
    """Mean of −log p(y|x), in nats."""
    ece: float
    """Expected calibration error over `BINS` bins, a fraction."""
    reliability: tuple[Bin, ...]


def classification(logits: Tensor, labels: Tensor) -> Classification:
    """Compute accuracy and calibration from logits (n, classes) and labels (n,)."""
    probabilities = logits.double().softmax(1)
    bins = reliability(probabilities, labels)
    return Classification(
        images=len(labels),
        accuracy=float((logits.argmax(1) == labels).double().mean()),
        xe=float(F.cross_entropy(logits.double(), labels)),
        ece=expected_calibration_error(bins),
        reliability=bins,
    )


def reliability(probabilities: Tensor, labels: Tensor) -> tuple[Bin, ...]:
    """Compute mean confidence and accuracy in `BINS` equal bins of confidence and one more bin for a confidence of exactly 1.

    `probabilities` has shape (n, classes), `labels` (n,). Bins are closed below and open above.
    """
    confidence, predicted = probabilities.max(1)
    correct = (predicted == labels).to(confidence.dtype)
    edges = torch.linspace(0, 1, BINS + 1, dtype=confidence.dtype, device=confidence.device)
    index = torch.bucketize(confidence.contiguous(), edges, right=True) - 1
    count, sums, hits = (
        torch.bincount(index, weights, minlength=BINS + 1).tolist()
        for weights in (torch.ones_like(confidence), confidence, correct)
    )
    bounds = [*edges.tolist(), 1.0]
    return tuple(
        Bin(
            low=bounds[i],
            high=bounds[i + 1],
            share=count[i] / len(labels),
            confidence=sums[i] / max(1, count[i]),
            accuracy=hits[i] / max(1, count[i]),
        )
        for i in range(BINS + 1)
    )


def expected_calibration_error(bins: tuple[Bin, ...]) -> float:
    """Return Σ share · |accuracy − confidence|."""
    return sum(b.share * abs(b.accuracy - b.confidence) for b in bins)
