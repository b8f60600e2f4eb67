"""Comparison of the weights of all ranks, which must be bit-identical."""

from __future__ import annotations

import torch
from torch import Tensor

from jem_tui.errors import JemError
from jem_tui.jem.learner.learner import Learner


def refuse_different_weights(learner: Learner, step: int) -> None:
    """Raise JemError on all ranks if the weights of some rank differ from those of rank 0."""
    ranks = learner.ranks
    if ranks.alone:
        return
    rows = ranks.gather(torch.stack([checksum(weight) for weight in learner.network.parameters()]))
    different = (rows != rows[0]).any(1).nonzero().flatten().tolist()
    if different:
        raise JemError(
            f"The weights of rank {different[0]} differ from those of rank 0 at step {step:,}, so the ranks train different models.",
            "Use one model of GPU and one version of torch on all machines, and continue from the last checkpoint with --resume.",
        )


def checksum(weight: Tensor) -> Tensor:
    """Return the sum of the bits of a tensor, read as 16-bit integers, a scalar."""
    return weight.detach().contiguous().view(torch.int16).sum(dtype=torch.int64)
