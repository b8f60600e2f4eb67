"""Quality of samples in the features of a function of the user, such as the Inception network of FID and KID.

The function receives uint8 images (n, channels, height, width) with pixels 0…255 on the device of the evaluation. It returns a tensor of
features (n, d), or a pair of features and logits (n, classes). Fréchet distance: arXiv 1706.08500. Inception score, from the
logits: arXiv 1606.03498.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from jem_tui.jem.data.image_set import as_pixels
from jem_tui.jem.evaluation.frechet import frechet_distance, unbiased_frechet_distance
from jem_tui.jem.evaluation.kernel_distance import kernel_distance, kernel_sums
from jem_tui.jem.evaluation.precision_recall import overlap
from jem_tui.jem.evaluation.sample_figures import SampleFigures
from jem_tui.jem.evaluation.with_intervals import overlap_fields, with_intervals
from jem_tui.jem.learner.own_metrics import isolated
from jem_tui.plugins.plugged import PluggedFunction

CHUNK = 500
"""Images that the function receives at once."""
SPLITS = 10
"""Parts of the samples whose Inception scores are averaged."""
MOST_COMPARED = 1000
"""Largest number of samples on which shares are measured."""


@dataclass(frozen=True, kw_only=True)
class FeatureQuality(SampleFigures):
    """Measurements on a set of samples in features of the user."""

    score: float | None
    """Mean Inception score of ten parts; None if the function returns no logits."""


@dataclass(frozen=True, kw_only=True)
class FeatureEvaluation:
    """Sample quality in the features of a function of the user."""

    function: str
    """Name of the function."""
    features: int
    training_images: int
    """Number of training images that distances are measured to."""
    quality: tuple[FeatureQuality, ...]


class FeatureJudge:
    """A function of the user with the features of real images."""

    def __init__(
        self,
        function: PluggedFunction,
        train_pixels: Tensor,
        test_pixels: Tensor,
        seed: int = 0,
        compared: int = MOST_COMPARED,
    ) -> None:
        """Take uint8 images (n, channels, height, width), both sets in random order, and the number of images that shares are measured on.

        Raises PluginError.
        """
        self._function, self._seed, self._compared = function, seed, compared
        self._real, _ = features_and_logits(function, train_pixels)
        self._test, _ = features_and_logits(function, test_pixels)
        self._sums = kernel_sums(self._test)

    def measure(self, source: str, chains: Tensor, steps: int | None = None) -> FeatureQuality:
        """Measure two or more samples (n, channels, height, width) in [−1, 1]. Raises PluginError."""
        features, logits = features_and_logits(self._function, as_pixels(chains))
        compared = min(self._compared, len(features), len(self._test))
        found = overlap(self._test[:compared], features[:compared])
        return FeatureQuality(
            source=source,
            images=len(chains),
            steps=steps,
            frechet=frechet_distance(self._real, features),
            floor=frechet_distance(self._real, self._test[: len(chains)]),
            held_out=len(self._test),
            compared=compared,
            score=None if logits is None else inception_score(logits),
            **with_intervals(
                frechet_unbiased=unbiased_frechet_distance(self._test, features, self._seed),
                kid=kernel_distance(self._sums, kernel_sums(features)),
            ),
            **overlap_fields(found),
        )

    def evaluation(self, quality: list[FeatureQuality]) -> FeatureEvaluation:
        """Return the measurements of all sets of samples."""
        _, features = self._real.shape
        return FeatureEvaluation(
            function=self._function.name,
            features=features,
            training_images=len(self._real),
            quality=tuple(quality),
        )


def features_and_logits(function: PluggedFunction, pixels: Tensor) -> tuple[Tensor, Tensor | None]:
    """Return features (n, d) and, if the function returns them, logits (n, classes) of uint8 images, on the CPU. Raises PluginError."""
    parts = [chunk_of(function, chunk) for chunk in torch.split(pixels, CHUNK)]
    features, logits = zip(*parts, strict=True)
    try:
        kept = [part for part in logits if part is not None]
        return torch.cat(features), torch.cat(kept) if len(kept) == len(parts) else None
    except RuntimeError:
        raise function.error("returned rows of different lengths for different images") from None


def chunk_of(function: PluggedFunction, pixels: Tensor) -> tuple[Tensor, Tensor | None]:
    """Return what the function returns for some images, checked. Raises PluginError."""
    with isolated(pixels.device):
        given = function(pixels.clone())
    features, logits = given if isinstance(given, tuple | list) and len(given) == 2 else (given, None)
    for part in (features, *(() if logits is None else (logits,))):
        fault = unusable(part, len(pixels))
        if fault:
            raise function.error(f"returned {fault}; it must return features (n, d), or a pair of features and logits")
    return features.detach().cpu().double(), None if logits is None else logits.detach().cpu().double()


def unusable(part: object, rows: int) -> str:
    """Return in words what is wrong with features or logits of `rows` images, an empty string if nothing is."""
    if not isinstance(part, Tensor):
        return f"an object of type {type(part).__name__}"
    if part.ndim != 2 or len(part) != rows or not part.shape[1]:
        return f"a tensor of shape {tuple(part.shape)} for {rows} images"
    return "" if part.isfinite().all() else "numbers that are not finite"


def inception_score(logits: Tensor) -> float:
    """Return exp of the mean Kullback-Leibler divergence of p(y|x) from the mean p(y), averaged over ten parts of logits (n, classes)."""
    scores = []
    for part in torch.tensor_split(logits.double(), min(SPLITS, len(logits))):
        logs = part.log_softmax(1)
        divergence = logs.exp() * (logs - logs.exp().mean(0).log())
        scores.append(divergence.nan_to_num().sum(1).mean().exp())
    return float(torch.stack(scores).mean())
