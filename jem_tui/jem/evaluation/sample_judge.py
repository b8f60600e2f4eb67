"""Measurement of samples by a reference classifier, against held-out images and the training images of a run."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from jem_tui.jem.evaluation.comparison_images import ComparisonImages
from jem_tui.jem.evaluation.frechet import frechet_distance, unbiased_frechet_distance
from jem_tui.jem.evaluation.intervals import binomial_interval, bootstrap_interval
from jem_tui.jem.evaluation.jackknife import Estimate
from jem_tui.jem.evaluation.kernel_distance import KernelSums, kernel_distance, kernel_sums
from jem_tui.jem.evaluation.memorisation import (
    CHUNK,
    Nearest,
    as_points,
    memorised_share,
    nearest_points,
    pixel_points,
)
from jem_tui.jem.evaluation.precision_recall import overlap
from jem_tui.jem.evaluation.reference_classifier import Reference
from jem_tui.jem.evaluation.sample_quality import ReferenceFacts, SampleQuality
from jem_tui.jem.evaluation.with_intervals import overlap_fields, with_intervals
from jem_tui.jem.model.inference import class_entropy, logits_in_chunks

HELD_OUT = "held-out"
MOST_LIMITS = 1000
"""Largest number of held-out images whose distances to training images set the limit of memorisation."""


class SampleJudge:
    """A reference classifier and an evaluated network, with the features of real images."""

    def __init__(
        self,
        reference: Reference,
        network: nn.Module,
        images: ComparisonImages,
        compared: int,
        seed: int,
        saw_held_out: bool,
    ) -> None:
        """Compute the features of `images`, which are on the device of both networks; `compared` limits the samples in shares and overlap."""
        self._reference, self._network, self._images = reference, network, images
        self._compared, self._seed = compared, seed
        self._training, _ = reference.features_and_probabilities(images.training)
        self._trained_on, _ = reference.features_and_probabilities(images.trained_on)
        self._real, probabilities = reference.features_and_probabilities(images.held_out)
        self._scale = float(self._real.square().mean().sqrt())
        self._sums = kernel_sums(self._real / self._scale)
        # `measure_held_out` measures the second half.
        first = slice(min(MOST_LIMITS, len(self._real) // 2))
        self._limits = self._nearest(images.held_out[first], self._real[first])
        self.nearest: dict[str, Nearest] = {}
        """For each measured source, the nearest training image of its first samples in pixels; rows are those of `trained_on`."""
        self.predicted: dict[str, Tensor] = {}
        """For each measured source, the reference's classes of the same samples."""
        self.classes = probabilities.shape[1]
        self.facts = ReferenceFacts(
            accuracy=float((probabilities.argmax(1) == images.labels).double().mean()),
            features=self._real.shape[1],
            training_images=len(images.training),
            saw_held_out=saw_held_out,
        )

    def measure(
        self, source: str, chains: Tensor, steps: int | None = None, labels: Tensor | None = None
    ) -> SampleQuality:
        """Measure samples (n, channels, height, width) in [−1, 1] in random order, two or more, of chains that follow the classes `labels` (n,)."""
        return self._measured(source, chains, steps, labels, self._real, self._sums)

    def measure_held_out(self) -> SampleQuality:
        """Measure one half of the held-out images against the other half."""
        half = len(self._real) // 2
        real = self._real[:half]
        return self._measured(HELD_OUT, self._images.held_out[half:], None, None, real, kernel_sums(real / self._scale))

    def _measured(
        self, source: str, samples: Tensor, steps: int | None, labels: Tensor | None, real: Tensor, sums: KernelSums
    ) -> SampleQuality:
        features, probabilities = self._reference.features_and_probabilities(samples)
        self.predicted[source] = probabilities[: self._compared].argmax(1)
        return SampleQuality(
            source=source,
            images=len(samples),
            steps=steps,
            frechet=frechet_distance(self._training, features),
            floor=frechet_distance(self._training, self._real[: len(samples)]),
            held_out=len(real),
            compared=self._compared,
            **with_intervals(
                frechet_unbiased=unbiased_frechet_distance(real, features, self._seed),
                kid=kernel_distance(sums, kernel_sums(features / self._scale)),
            ),
            **overlap_fields(overlap(self._real[: self._compared], features[: self._compared])),
            **self._memory(source, samples, features),
            **self._classes(probabilities, logits_in_chunks(self._network, samples).argmax(1), labels),
        )

    def _memory(self, source: str, samples: Tensor, features: Tensor) -> dict[str, Any]:
        by_pixels, by_features = self._nearest(samples[: self._compared], features[: self._compared])
        self.nearest[source] = by_pixels
        pixel_limits, feature_limits = self._limits
        return with_intervals(
            memorised_pixels=memorised_share(by_pixels.distance, pixel_limits.distance),
            memorised_features=memorised_share(by_features.distance, feature_limits.distance),
        )

    def _nearest(self, images: Tensor, features: Tensor) -> tuple[Nearest, Nearest]:
        """Return the nearest training images by pixels and by features."""
        pixels = nearest_points(as_points(images), pixel_points(self._images.trained_on))
        return pixels, nearest_points(features, torch.split(self._trained_on, CHUNK))

    def _classes(self, probabilities: Tensor, ours: Tensor, labels: Tensor | None) -> dict[str, Any]:
        """Return the figures on predicted classes, from the reference's p(y|x) (n, classes) and the network's predictions (n,)."""
        confidence, predicted = (part.cpu() for part in probabilities.max(1))
        classes = probabilities.shape[1]

        def entropy(rows: Tensor) -> float:
            return class_entropy(predicted[rows], classes)

        def mean(rows: Tensor) -> float:
            return float(confidence[rows].double().mean())

        n, every = len(predicted), torch.arange(len(predicted))
        intervals = (bootstrap_interval(statistic, n, self._seed) for statistic in (entropy, mean))
        values = (Estimate(value=f(every), interval=one) for f, one in zip((entropy, mean), intervals, strict=True))
        return {"class_counts": tuple(predicted.bincount(minlength=classes).tolist())} | with_intervals(
            **dict(zip(("class_entropy", "confidence"), values, strict=True)),
            agreement=matching(predicted, ours),
            class_accuracy=None if labels is None else matching(predicted, labels),
        )


def matching(predicted: Tensor, classes: Tensor) -> Estimate:
    """Return the share of predictions (n,) that are the expected `classes` (n,)."""
    hits = int((predicted == classes.cpu()).sum())
    return Estimate(value=hits / len(predicted), interval=binomial_interval(hits, len(predicted)))
