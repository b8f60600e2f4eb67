"""Reflection at the borders of [−1, 1], which keeps a density on the box invariant; a clamp would accumulate mass at the borders."""

from __future__ import annotations

import torch
from torch import Tensor


def reflected(x: Tensor) -> Tensor:
    """Return `x` reflected at −1 and 1 until it is inside."""
    position = (x + 1).remainder(4)
    return (1 - (position - 2).abs()).clamp_(-1, 1)


def log_normal(x: Tensor, mean: Tensor, scale: float) -> Tensor:
    """Return the log density (n,) of independent normal components of the shape (n, …), up to a constant of `scale`."""
    return ((x - mean) / scale).square().flatten(1).sum(1).mul(-0.5)


def log_reflected_normal(x: Tensor, mean: Tensor, scale: float) -> Tensor:
    """Return the log density (n,) of a normal draw after `reflected`, at `x` (n, …), up to a constant of `scale`.

    `x` and `mean` are inside [−1, 1]. The density is a sum over the mirror images of `x`, truncated to x, 2 − x, −2 − x, x + 4 and
    x − 4. The truncation changes each component by a factor of at most 1 + exp(−6 / scale²).
    """
    images = torch.stack([x, 2 - x, -2 - x, x + 4, x - 4])
    return ((images - mean) / scale).square().mul(-0.5).logsumexp(0).flatten(1).sum(1)
