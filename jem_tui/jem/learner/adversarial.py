"""Adversarial training images: one step of the fast gradient sign method from a random start (arXiv 2001.03994)."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

OVERSHOOT = 1.25
"""Length of the step in units of the radius, before clipping to the radius; the paper's value against collapse."""


def adversarial(
    network: Callable[[Tensor], Tensor], x: Tensor, labels: Tensor, radius: float, generator: torch.Generator
) -> Tensor:
    """Return images near `x` (n, channels, height, width) in [−1, 1] that are harder to classify as `labels` (n,).

    The result has the shape of `x`. Each image has an L∞ radius of its own, uniform up to `radius` in units of pixels in
    [0, 1], which is twice as much in [−1, 1]. Small radii keep the accuracy on clean images, large radii give robustness
    against strong attacks. Pixels whose gradient is not finite are NaN, so that the metrics of the step show the divergence.
    """
    reach = 2 * radius * torch.rand(len(x), 1, 1, 1, generator=generator, device=x.device)
    shift = reach * torch.rand(x.shape, generator=generator, device=x.device).mul_(2).sub_(1)
    start = (x + shift).clamp_(-1, 1)
    with torch.enable_grad():
        start.requires_grad_(True)
        (gradient,) = torch.autograd.grad(F.cross_entropy(network(start), labels, reduction="sum"), start)
    # The sign of NaN is 0, which would hide it from every metric
    direction = gradient.sign().masked_fill_(~gradient.isfinite(), torch.nan)
    moved = start.detach() - x + OVERSHOOT * reach * direction
    return (x + torch.minimum(torch.maximum(moved, -reach), reach)).clamp_(-1, 1)
