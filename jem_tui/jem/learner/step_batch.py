"""The tensors of one optimizer step: labelled images, the chains that are drawn with them, and what is computed from both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor

from jem_tui.jem.learner.denoising import NoisyImages
from jem_tui.jem.learner.objective import LossTerms
from jem_tui.jem.sampling.chains import DrawnChains, MovedChains


@dataclass(frozen=True, kw_only=True)
class TrainBatch:
    """Training images around [−1, 1] with their labels."""

    augmented: Tensor
    """Images shifted, flipped, partly erased and with noise as configured, shape (n, channels, height, width)."""
    plain: Tensor | None
    """The first images with noise alone, for E(x) (SADA-JEM, arXiv 2209.07959): `data.plain_share` for each chain of the batch.

    Their order is random, so that fewer of them estimate mean E(x) without bias.

    None where images are neither shifted nor flipped nor erased, and where the run has no chains.
    """
    labels: Tensor
    """Shape (n,)."""
    noisy: NoisyImages | None = None
    """The first images of E(x) with more noise, for the denoising term; None without that term, and where the run has no chains."""


@dataclass(frozen=True, kw_only=True)
class StepTensors:
    """Results of an optimizer step before its update; the gradients are in the weights' `.grad`."""

    batch: TrainBatch
    drawn: DrawnChains | None
    """The chains before the steps of the sampler, explorers last; None in a step without chains."""
    x_hat: Tensor | None
    """The states of the chains after the steps of the sampler, shape (m, channels, height, width)."""
    after: MovedChains | None
    """The chains as they are stored if the step is kept."""
    terms: LossTerms
    """The terms of the loss."""
    named: Mapping[str, Tensor]
    """Metrics by tag, as scalars on the device."""
    numbers: Tensor
    """The loss that was differentiated, then the metrics, shape (1 + metrics,)."""
