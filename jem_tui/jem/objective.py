"""The loss of JEM (arXiv 1912.03263, eqs. 6–8): cross-entropy plus the contrastive estimate of −log p(x).

    JEM/total = JEM/xe + JEM/nrg
    JEM/xe    = mean of −log p(y|x)            over a batch of images
    JEM/nrg   = mean E(x) − mean E(x̂)         images against samples of the chains

Two options change the gradient without entering these three figures: `energy_l2` and `hinge`.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from jem_tui.config.schema import ObjectiveConfig
from jem_tui.jem.networks import energy


@dataclass(frozen=True, kw_only=True)
class Terms:
    """The parts of one step's loss; scalars unless a shape is given."""

    loss: Tensor
    """What is differentiated."""
    xe: Tensor
    nrg: Tensor
    accuracy: Tensor
    energy_data: Tensor
    """E(x) of the images, shape (n,)."""
    energy_samples: Tensor
    """E(x̂) of the samples, shape (m,)."""
    far: Tensor
    """Which samples lie beyond the hinge, shape (m,)."""

    @property
    def total(self) -> Tensor:
        return self.xe + self.nrg


def jem_loss(logits: Tensor, labels: Tensor, config: ObjectiveConfig, plain: int = 0) -> Terms:
    """The loss from one forward pass over images and samples together.

    `logits` has shape (n + plain + m, classes): first the n images that `labels` (n,) belong to, then, where these are
    augmented, `plain` images that are not and whose energies count instead (SADA-JEM, arXiv 2209.07959), then m samples.
    With m = 0 it is the loss of a classifier alone, with JEM/nrg = 0.
    """
    n = len(labels)
    energies = energy(logits)
    data, samples = energies[n : n + plain] if plain else energies[:n], energies[n + plain :]
    xe = F.cross_entropy(logits[:n], labels)
    accuracy = (logits[:n].argmax(1) == labels).float().mean()
    zero = torch.zeros((), device=logits.device)
    nrg = data.mean() - samples.mean() if len(samples) else zero
    bound = data.detach().mean() + config.hinge if config.hinge else torch.full_like(zero, torch.inf)
    loss = xe
    if len(samples):
        loss = loss + data.mean() - samples.clamp(max=bound).mean() + config.energy_l2 * l2(data, samples, bound)
    return Terms(
        loss=loss,
        xe=xe,
        nrg=nrg,
        accuracy=accuracy,
        energy_data=data,
        energy_samples=samples,
        far=samples.detach() > bound,
    )


def l2(data: Tensor, samples: Tensor, bound: Tensor) -> Tensor:
    """mean(E²) over images and samples, which keeps energies near zero; samples beyond the bound are left alone."""
    kept = samples.clamp(max=bound)
    return torch.cat([data, kept]).square().mean()
