"""Results of measuring samples: their distances to held-out images, their diversity, and what they repeat of the training images."""

from __future__ import annotations

from dataclasses import dataclass

from jem_tui.jem.evaluation.intervals import Interval


@dataclass(frozen=True, kw_only=True)
class SampleQuality:
    """Measurements of a set of samples in the reference's 64 features. Figures that need more images than there are are None."""

    source: str
    """`buffer`, or the start of fresh chains: `initial` (as configured), `informative`, `uniform`, or `conditional`, fresh chains of p(x|y).

    For comparison, `held-out` are held-out images themselves, compared with others of them, `gaussians` draws of the class
    Gaussians without any step, and `noise` uniform noise.
    """
    images: int
    steps: int | None
    """SGLD steps since the start; None for the buffer, whose chains have their own ages."""
    frechet: float
    """Fréchet distance to training images, biased: it grows as `images` falls, so that only equal numbers are comparable."""
    floor: float
    """The same biased distance of equally many held-out images, or of all if there are fewer. Samples can have a smaller one."""
    held_out: int
    """Number of held-out images that the following distances are measured to."""
    frechet_unbiased: float | None
    """Fréchet distance to held-out images, extrapolated to infinitely many of both; it can be negative."""
    frechet_unbiased_interval: Interval | None
    kid: float
    """Unbiased kernel distance to held-out images, with features divided by their root mean square; it can be negative."""
    kid_interval: Interval
    compared: int
    """Number of samples, and of held-out images, that the shares below are measured on: the same for all sources."""
    precision: float | None
    precision_interval: Interval | None
    recall: float | None
    recall_interval: Interval | None
    density: float | None
    density_interval: Interval | None
    coverage: float | None
    coverage_interval: Interval | None
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
