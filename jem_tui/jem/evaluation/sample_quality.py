"""Quality of samples as measured by the reference classifier: distance to real images, class entropy, confidence."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from jem_tui.jem.evaluation.frechet import frechet_distance
from jem_tui.jem.evaluation.reference_classifier import Reference
from jem_tui.jem.model.inference import class_entropy


@dataclass(frozen=True, kw_only=True)
class SampleQuality:
    """Measurements of the reference classifier on a set of samples."""

    source: str
    """`buffer`, or the start of fresh chains: `initial` (as configured), `informative`, `uniform`."""
    images: int
    steps: int | None
    """SGLD steps since the start; None for the buffer, whose chains have their own ages."""
    frechet: float
    """Fréchet distance to training images in the reference's 64 features."""
    floor: float
    """Fréchet distance of equally many real test images, or of all if there are fewer: the value of a perfect model."""
    class_entropy: float
    """Entropy of the predicted classes: 1 where all are equally frequent, 0 where there is one."""
    confidence: float
    """Mean max_y p(y|x) of the reference: near 1 where the samples are readable."""


@dataclass(frozen=True, kw_only=True)
class ReferenceFacts:
    """Properties of the reference classifier and its data."""

    accuracy: float
    """Accuracy of the reference on the test images, a fraction."""
    features: int
    training_images: int
    """Number of training images that distances are measured to."""


class SampleJudge:
    """A reference classifier with the features of real images."""

    def __init__(self, reference: Reference, train_pixels: Tensor, test_pixels: Tensor, test_labels: Tensor) -> None:
        """Take uint8 images (n, channels, height, width) on the device of the reference, both sets in random order."""
        self._reference = reference
        self._real, _ = reference.features_and_probabilities(train_pixels)
        self._test, probabilities = reference.features_and_probabilities(test_pixels)
        self.facts = ReferenceFacts(
            accuracy=float((probabilities.argmax(1) == test_labels).double().mean()),
            features=self._real.shape[1],
            training_images=len(train_pixels),
        )

    def measure(self, source: str, chains: Tensor, steps: int | None = None) -> SampleQuality:
        """Measure two or more samples (n, channels, height, width) in [−1, 1]."""
        features, probabilities = self._reference.features_and_probabilities(chains)
        confidence, predicted = probabilities.max(1)
        return SampleQuality(
            source=source,
            images=len(chains),
            steps=steps,
            frechet=frechet_distance(self._real, features),
            floor=frechet_distance(self._real, self._test[: len(chains)]),
            class_entropy=class_entropy(predicted, probabilities.shape[1]),
            confidence=float(confidence.double().mean()),
        )


def shuffled_rows(pixels: Tensor, labels: Tensor, count: int, seed: int) -> tuple[Tensor, Tensor]:
    """Return at most `count` images and labels in an order drawn by seed, because folders are sorted by class and MNIST's test set by difficulty."""
    order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(seed))[:count]
    rows = order.to(labels.device)
    return pixels[rows], labels[rows]
