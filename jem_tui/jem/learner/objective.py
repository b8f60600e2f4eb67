"""The loss of JEM (arXiv 1912.03263, eqs. 6–8): cross-entropy plus the contrastive estimate of −log p(x).

    JEM/total = JEM/xe + JEM/nrg
    JEM/xe    = mean of −log p(y|x)            over a batch of images
    JEM/nrg   = mean E(x) − mean E(x̂)         images against samples of the chains

Explorers (see `chain_pool`), adversarial images, the denoising term, `label_smoothing`, `energy_l2` and `hinge` shape the gradient but do not enter
these metrics: JEM/nrg averages over all samples, including those beyond the hinge, which `energy_loss` leaves out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from torch import Tensor

from jem_tui.config.objective import ObjectiveConfig
from jem_tui.events.run import ACCURACY, NRG, TOTAL, XE
from jem_tui.jem.learner.energy_loss import BatchEnergies, energy_loss
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
    labels: Tensor
    """Classes of these images, shape (n,)."""
    xe: Tensor
    mean_energy_data: Tensor
    """Mean E(x) of the images."""
    energy_data: Tensor
    """E(x) of the images, shape (n,)."""
    energy_samples: Tensor
    """E(x̂) of the samples, shape (m,)."""
    energy_explorers: Tensor
    """E(x̂) of the explorers, shape (k,)."""
    level: Tensor
    """Mean E(x) of the images of all ranks."""
    xe_adversarial: Tensor | None
    """Mean −log p(y|x) over adversarial images; None if there are none."""
    denoising: Tensor | None = None
    """The denoising term before its weight (see `denoising`); None without one."""

    @property
    def nrg(self) -> Tensor:
        """JEM/nrg; 0 without samples."""
        if len(self.energy_samples):
            return self.mean_energy_data - self.energy_samples.mean()
        return torch.zeros_like(self.xe)

    @property
    def total(self) -> Tensor:
        return self.xe + self.nrg

    @property
    def energy_above_data(self) -> Tensor:
        """E(x̂) of samples and explorers minus the mean E(x) of the images of all ranks, in nats, shape (m + k,)."""
        return torch.cat([self.energy_samples, self.energy_explorers]).detach() - self.level

    def with_denoising(self, term: Tensor, weight: float) -> LossTerms:
        """Return the terms with the denoising term, a scalar, added to the loss."""
        return replace(self, loss=torch.add(self.loss, term, alpha=weight), denoising=term)

    @property
    @torch.no_grad()
    def metrics(self) -> dict[str, Tensor]:
        """Metrics of the loss by tag, as scalars on the device."""
        nrg = self.nrg
        accuracy = (self.logits.argmax(1) == self.labels).mean(dtype=torch.float32)
        named = {TOTAL: self.xe + nrg, NRG: nrg, XE: self.xe, ACCURACY: accuracy}
        named["JEM/energy_data"] = self.mean_energy_data
        if len(self.energy_samples):
            named["JEM/energy_samples"] = self.energy_samples.mean()
        if len(self.energy_explorers):
            named["JEM/energy_explorers"] = self.energy_explorers.mean()
        if self.xe_adversarial is not None:
            named["JEM/xe_adversarial"] = self.xe_adversarial
        if self.denoising is not None:
            named["JEM/denoising"] = self.denoising.detach()
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
    logits: Tensor,
    labels: Tensor,
    config: ObjectiveConfig,
    sizes: BatchSizes,
    ranks: Ranks = ALONE,
    energy_weight: Tensor | None = None,
) -> LossTerms:
    """Compute the loss from the logits (n + all of `sizes`, classes) of one forward pass and the labels (n,) of its first rows.

    Without samples and explorers it is the loss of a classifier, with JEM/nrg = 0. With several `ranks` the rows are the part of
    one rank in a batch, and chains are compared to the mean E(x), and averaged over the near chains, of the whole batch. The energy
    term is multiplied by the scalar `energy_weight`; None for 1.
    """
    n = len(labels)
    rows = [n, sizes.plain, sizes.samples + sizes.explorers, sizes.adversarial]
    clean, _, moved, adversarial = torch.split(logits, rows)
    images, plain, chains, _ = torch.split(energy(logits), rows)
    samples, explorers = torch.split(chains, [sizes.samples, sizes.explorers])
    data = plain if sizes.plain else images
    mean_data = data.mean()
    whole = BatchEnergies.of(mean_data, chains, config, ranks)
    xe = F.cross_entropy(clean, labels)
    smoothing = config.label_smoothing
    smoothed = F.cross_entropy(clean, labels, label_smoothing=smoothing) if smoothing else xe
    xe_adversarial = F.cross_entropy(adversarial, labels[: len(adversarial)]) if len(adversarial) else None
    loss = smoothed
    if xe_adversarial is not None:
        loss = torch.add(loss, xe_adversarial, alpha=len(adversarial) / n)
    if len(chains):
        contrast = energy_loss(data, mean_data, chains, whole, config)
        loss = loss + (contrast if energy_weight is None else energy_weight * contrast)
    return LossTerms(
        loss=loss,
        logits=clean.detach(),
        chain_logits=moved.detach(),
        labels=labels,
        xe=xe,
        mean_energy_data=mean_data,
        energy_data=data,
        energy_samples=samples,
        energy_explorers=explorers,
        level=whole.level,
        xe_adversarial=xe_adversarial,
    )
