"""The tensors of one optimizer step: labelled images and the chains that are drawn with them."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from jem_tui.config.schema import RunConfig


@dataclass(frozen=True, kw_only=True)
class TrainBatch:
    """Training images around [−1, 1] with their labels."""

    augmented: Tensor
    """Images shifted, flipped, partly erased and with noise as configured, shape (n, channels, height, width)."""
    plain: Tensor | None
    """As many of the images as the batch has chains, with noise alone, for E(x) (SADA-JEM, arXiv 2209.07959).

    None where images are neither shifted nor flipped nor erased, and where the run has no chains.
    """
    labels: Tensor
    """Shape (n,)."""


@dataclass(frozen=True, kw_only=True)
class ChainBatch:
    """Chains drawn from the chain pool, explorers last."""

    slots: Tensor
    """Slots in the chain pool, shape (m,)."""
    x_hat: Tensor
    """Current states of the chains, shape (m, channels, height, width)."""


def chains_in_batch(config: RunConfig) -> int:
    """Return the number of chains in the batch of a step, explorers included, at least one."""
    return max(1, round(config.train.batch_size * config.buffer.batch_share))
