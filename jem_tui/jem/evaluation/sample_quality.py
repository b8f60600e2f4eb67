"""Results of measuring samples: their distances to held-out images, their diversity, and what they repeat of the training images."""

from __future__ import annotations

from dataclasses import dataclass

from jem_tui.jem.evaluation.intervals import Interval
from jem_tui.jem.evaluation.sample_figures import SampleFigures


@dataclass(frozen=True, kw_only=True)
class SampleQuality(SampleFigures):
    """Measurements of a set of samples in the reference's 64 features. Figures that need more images than there are are None."""

    memorised_pixels: float
    """Share of samples nearer to a training image than 95 % of held-out images, by Euclidean distance of pixels; expected is 0.05."""
    memorised_pixels_interval: Interval
    memorised_features: float
    """The same share by distance of features."""
    memorised_features_interval: Interval
    class_counts: tuple[int, ...]
    """Samples of each class by the reference."""
    class_entropy: float
    """Entropy of the predicted classes: 1 where all are equally frequent, 0 where there is one."""
    class_entropy_interval: Interval
    confidence: float
    """Mean max_y p(y|x) of the reference: near 1 where the samples are readable."""
    confidence_interval: Interval
    agreement: float
    """Share of samples for which the evaluated network and the reference predict the same class."""
    agreement_interval: Interval
    class_accuracy: float | None
    """Share of samples that the reference assigns to the class that their chain follows; None for chains that follow p(x)."""
    class_accuracy_interval: Interval | None


@dataclass(frozen=True, kw_only=True)
class ReferenceFacts:
    """Properties of the reference classifier and its data."""

    accuracy: float
    """Accuracy of the reference on the held-out images, a fraction."""
    features: int
    training_images: int
    """Number of training images that the biased distances are measured to."""
    saw_held_out: bool
    """True if the held-out images are validation images, which the reference has been trained on."""
