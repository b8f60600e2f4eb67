"""Accuracy and calibration of p(y|x), before and after temperature scaling, and the reliability diagram (arXiv 1706.04599)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from jem_tui.jem.evaluation.calibration_error import BINS, Calibration, calibration_error, equal_width
from jem_tui.jem.evaluation.intervals import Interval, binomial_interval, mean_interval
from jem_tui.jem.evaluation.temperature import fit_temperature


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
class Scaled(Calibration):
    """Calibration after the logits were divided by a temperature, which changes neither classes nor accuracy."""

    temperature: float
    """Temperature T of softmax(f(x) / T), fitted to `images` validation images; below 1 the network was not confident enough.

    The geometric mean of the temperatures of both halves where the measured images are the validation images.
    """
    images: int
    xe: float
    """Mean of −log p(y|x), in nats."""
    xe_interval: Interval


@dataclass(frozen=True, kw_only=True)
class Classification(Calibration):
    """Accuracy and calibration of a network; an interval covers 95 %."""

    images: int
    accuracy: float
    """Fraction of images that are classified correctly."""
    accuracy_interval: Interval
    xe: float
    """Mean of −log p(y|x), in nats."""
    xe_interval: Interval
    reliability: tuple[Bin, ...]
    scaled: Scaled | None = None
    """Calibration with a temperature, where validation images are given."""


def classification(
    logits: Tensor, labels: Tensor, validation: tuple[Tensor, Tensor] | None = None, seed: int = 0
) -> Classification:
    """Compute accuracy and calibration from logits (n, classes) and labels (n,).

    With the logits and labels of `validation` images, a temperature is fitted to these. `seed` decides the resamples of intervals.
    """
    logits = logits.double()
    probabilities = logits.softmax(1)
    correct = logits.argmax(1) == labels
    xe, xe_interval = cross_entropy(logits, labels, seed)
    return Classification(
        images=len(labels),
        accuracy=float(correct.double().mean()),
        accuracy_interval=binomial_interval(int(correct.sum()), len(labels)),
        xe=xe,
        xe_interval=xe_interval,
        reliability=reliability(probabilities, labels),
        scaled=scaled(logits, labels, *validation, seed) if validation else None,
        **vars(calibration_error(probabilities.amax(1), correct, seed)),
    )


def scaled(logits: Tensor, labels: Tensor, fitted_logits: Tensor, fitted_labels: Tensor, seed: int) -> Scaled:
    """Fit a temperature to some logits (m, classes), and measure the calibration of others (n, classes) with it."""
    temperature = fit_temperature(fitted_logits, fitted_labels)
    return divided(logits.double() / temperature, labels, temperature, len(fitted_labels), seed)


def cross_scaled(logits: Tensor, labels: Tensor, seed: int) -> Scaled:
    """Measure the calibration of logits (n, classes), n ≥ 2, in random order, with the temperature that the other half of them gives.

    No image is measured with a temperature that was fitted to it.
    """
    half = len(labels) // 2
    halves = [(logits[rows].double(), labels[rows]) for rows in (slice(half), slice(half, None))]
    others = [fit_temperature(*part) for part in reversed(halves)]
    cooled = torch.cat([part / other for (part, _), other in zip(halves, others, strict=True)])
    return divided(cooled, labels, math.sqrt(math.prod(others)), half, seed)


def divided(cooled: Tensor, labels: Tensor, temperature: float, images: int, seed: int) -> Scaled:
    """Measure the calibration of logits (n, classes) that are divided by a temperature, which was fitted to `images` images."""
    xe, xe_interval = cross_entropy(cooled, labels, seed)
    error = calibration_error(cooled.softmax(1).amax(1), cooled.argmax(1) == labels, seed)
    return Scaled(temperature=temperature, images=images, xe=xe, xe_interval=xe_interval, **vars(error))


def cross_entropy(logits: Tensor, labels: Tensor, seed: int) -> tuple[float, Interval]:
    """Return the mean of −log p(y|x) in nats, and its bootstrap interval."""
    losses = F.cross_entropy(logits, labels, reduction="none").cpu()
    return float(losses.mean()), mean_interval(losses, seed)


def reliability(probabilities: Tensor, labels: Tensor) -> tuple[Bin, ...]:
    """Compute mean confidence and accuracy in `BINS` equal bins of confidence and one more bin for a confidence of exactly 1.

    `probabilities` has shape (n, classes), `labels` (n,). Bins are closed below and open above.
    """
    confidence, predicted = probabilities.max(1)
    correct = (predicted == labels).to(confidence.dtype)
    index = equal_width(confidence)
    count, sums, hits = (
        torch.bincount(index, weights, minlength=BINS + 1).tolist()
        for weights in (torch.ones_like(confidence), confidence, correct)
    )
    bounds = [*torch.linspace(0, 1, BINS + 1, dtype=confidence.dtype).tolist(), 1.0]
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
