"""The part of the loss that lowers the energy of images and raises that of chains (arXiv 1912.03263, eq. 8), with its bounds."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from jem_tui.config.objective import ObjectiveConfig
from jem_tui.jem.ranks.ranks import ALONE, Ranks


@dataclass(frozen=True, kw_only=True)
class BatchEnergies:
    """Mean energy and number of near chains over all ranks, scalars without a graph.

    A chain is near if its energy is not beyond the hinge, `hinge` nats above `level`.
    """

    level: Tensor
    """Mean E(x) of the images."""
    near: Tensor
    """Number of near chains, divided by the number of ranks."""

    @classmethod
    def of(cls, mean_data: Tensor, chains: Tensor, config: ObjectiveConfig, ranks: Ranks = ALONE) -> BatchEnergies:
        """Exchange this rank's mean E(x) and the energies of its chains (m,) in one collective."""
        rows = ranks.rows(torch.cat([mean_data.detach()[None], chains.detach()]))
        level = rows[:, 0].mean(0)
        return cls(level=level, near=is_near(rows[:, 1:], level, config).sum() / ranks.size)


def is_near(chains: Tensor, level: Tensor, config: ObjectiveConfig) -> Tensor:
    """Return a mask in the shape of the energies `chains`, true where they are not beyond the hinge; NaN counts as near."""
    return ~(chains > level + (config.hinge or torch.inf))


def energy_loss(
    data: Tensor, mean_data: Tensor, chains: Tensor, whole: BatchEnergies, config: ObjectiveConfig
) -> Tensor:
    """Compute the energy term from energies of images (n,), their mean, and all chains (m,).

    With `energy_loss` "difference" it is mean E(x) − mean E(x̂) + λ mean(E²), where λ is `energy_l2`. With "logistic" the first two terms are
    s · mean softplus(E(x) / s) + s · mean softplus(−E(x̂) / s), where s is `energy_scale`: the loss of a classifier of images against chains
    with the logit −E / s, as in dual adversarial training (arXiv 2510.13872, where s is 1). Its gradient has the weight σ(E(x) / s) for
    an image and σ(−E(x̂) / s) for a chain, which vanishes for images of low and chains of high energy. For large s, the gradient is half of
    that of the difference.

    The mean over chains is over the near chains of the whole batch. Chains beyond the hinge have no gradient; if they counted in
    the mean, the gradient of a shift of all energies would not be 0. Without near chains, the term of the images is dropped for
    the same reason. In mean(E²), chains beyond the hinge have the hinge's energy. The mean of the results over all ranks is the loss
    of the whole batch.
    """
    near = is_near(chains, whole.level, config)
    lowered, raised = mean_data, -chains
    if config.energy_loss == "logistic":
        scale = config.energy_scale
        lowered, raised = scale * F.softplus(data / scale).mean(), scale * F.softplus(-chains / scale)
    mean_raised = raised.masked_fill(~near, 0).sum() / whole.near.clamp(min=torch.finfo(whole.near.dtype).tiny)
    term = lowered * (whole.near > 0) + mean_raised
    if not config.energy_l2:
        return term
    kept = chains.clamp(max=whole.level + config.hinge) if config.hinge else chains
    return torch.add(term, torch.cat([data, kept]).square().mean(), alpha=config.energy_l2)
