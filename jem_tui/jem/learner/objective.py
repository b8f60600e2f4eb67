"""The loss of JEM (arXiv 1912.03263, eqs. 6–8): cross-entropy plus the contrastive estimate of −log p(x).

    JEM/total = JEM/xe + JEM/nrg
    JEM/xe    = mean of −log p(y|x)            over a batch of images
    JEM/nrg   = mean E(x) − mean E(x̂)         images against samples of the chains

Explorers (see `chain_pool`), adversarial images, `label_smoothing`, `energy_l2` and `hinge` shape the gradient but do not enter
these figures.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from jem_tui.config.schema import ObjectiveConfig
from jem_tui.events.run import ACCURACY, NRG, TOTAL, XE
from jem_tui.jem.model.networks import energy
from jem_tui.jem.ranks.ranks import ALONE, Ranks


@dataclass(frozen=True, kw_only=True)
class LossTerms:
    """The terms of one step's loss; scalars unless a shape is given."""

    loss: Tensor
    """The scalar that is differentiated."""
    logits: Tensor
    """f(x) of the images of JEM/xe without a graph, shape (n, classes)."""
    chain_logits: Tensor
    """f(x̂) of samples and explorers without a graph, shape (m + k, classes)."""
    xe: Tensor
    nrg: Tensor
    accuracy: Tensor
    energy_data: Tensor
    """E(x) of the images, shape (n,)."""
    energy_samples: Tensor
    """E(x̂) of the samples, shape (m,)."""
    energy_explorers: Tensor
    """E(x̂) of the explorers, shape (k,)."""
    energy_above_data: Tensor
    """E(x̂) of samples and explorers minus the mean E(x) of the images of all ranks, in nats, shape (m + k,)."""
    xe_adversarial: Tensor
    """Mean −log p(y|x) over adversarial images; 0 if there are none."""
    adversarial: int
    """Number of adversarial images."""

    @property
    def total(self) -> Tensor:
        return self.xe + self.nrg

    @property
    def metrics(self) -> dict[str, Tensor]:
        """Metrics of the loss by tag, as scalars on the device."""
        named = {TOTAL: self.total, NRG: self.nrg, XE: self.xe, ACCURACY: self.accuracy}
        named["JEM/energy_data"] = self.energy_data.mean()
        if len(self.energy_samples):
            named["JEM/energy_samples"] = self.energy_samples.mean()
        if len(self.energy_explorers):
            named["JEM/energy_explorers"] = self.energy_explorers.mean()
        if self.adversarial:
            named["JEM/xe_adversarial"] = self.xe_adversarial
        return named


@dataclass(frozen=True, kw_only=True)
class BatchSizes:
    """Numbers of rows of each kind in one forward pass, in the order of the fields, after the rows of the labelled images."""

    plain: int = 0
    """The labelled images without augmentation, whose energies replace those of the augmented ones (SADA-JEM, arXiv 2209.07959)."""
    samples: int = 0
    explorers: int = 0
    adversarial: int = 0
    """Adversarial versions of the first images."""


def jem_loss(
    logits: Tensor, labels: Tensor, config: ObjectiveConfig, sizes: BatchSizes, ranks: Ranks = ALONE
) -> LossTerms:
    """Compute the loss from the logits (n + all of `sizes`, classes) of one forward pass and the labels (n,) of its first rows.

    Without samples and explorers it is the loss of a classifier, with JEM/nrg = 0. With several `ranks` the rows are the part of
    one rank in a batch, and the mean E(x) to which chains are compared is that of the whole batch.
    """
    n = len(labels)
    rows = [n, sizes.plain, sizes.samples, sizes.explorers, sizes.adversarial]
    clean, *_, adversarial = torch.split(logits, rows)
    images, plain, samples, explorers, _ = torch.split(energy(logits), rows)
    data = plain if sizes.plain else images
    zero = torch.zeros((), device=logits.device)
    level = ranks.mean(data.detach().mean())
    xe = F.cross_entropy(clean, labels)
    smoothing = config.label_smoothing
    smoothed = F.cross_entropy(clean, labels, label_smoothing=smoothing) if smoothing else xe
    xe_adversarial = F.cross_entropy(adversarial, labels[: len(adversarial)]) if len(adversarial) else zero
    chains = torch.cat([samples, explorers])
    moved = slice(n + sizes.plain, n + sizes.plain + len(chains))
    return LossTerms(
        loss=smoothed
        + xe_adversarial * (len(adversarial) / n)
        + (energy_loss(data, chains, level, config) if len(chains) else zero),
        logits=clean.detach(),
        chain_logits=logits[moved].detach(),
        xe=xe,
        nrg=data.mean() - samples.mean() if len(samples) else zero,
        accuracy=(clean.argmax(1) == labels).float().mean(),
        energy_data=data,
        energy_samples=samples,
        energy_explorers=explorers,
        energy_above_data=chains.detach() - level,
        xe_adversarial=xe_adversarial,
        adversarial=len(adversarial),
    )


def energy_loss(data: Tensor, chains: Tensor, level: Tensor, config: ObjectiveConfig) -> Tensor:
    """Compute mean E(x) − mean E(x̂) from energies of images (n,) and of all chains (m,), plus the terms that bound it.

    The hinge is that many nats above `level`, the mean energy of the images of all ranks. Chains beyond the hinge enter with the hinge's energy, without a gradient; mean(E²) keeps energies near zero.
    """
    kept = chains.clamp(max=level + config.hinge) if config.hinge else chains
    return data.mean() - kept.mean() + config.energy_l2 * torch.cat([data, kept]).square().mean()
