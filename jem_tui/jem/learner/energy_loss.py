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
    """Figures of the whole batch, that is, of all ranks, to which the chains of one rank are compared; scalars without a graph.

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
    """Compute mean E(x) − mean E(x̂) from energies of images (n,), their mean, and all chains (m,), plus the terms that bound it.

    With `energy_loss` "logistic" it is s · mean softplus(E(x) / s) + s · mean softplus(−E(x̂) / s), where s is `energy_scale`: the loss of a
    classifier of images against chains whose logit is −E / s, as in dual adversarial training (arXiv 2510.13872, where s is 1). Its gradient weighs each
    image by σ(E(x) / s) and each chain by σ(−E(x̂) / s), so that energies which are low or high enough move no further; a shift of
    all energies is then drawn to the level that separates both best. For a large s the gradient is half of that of the difference.

    The second mean is over the near chains of the whole batch. Chains beyond the hinge have no gradient, so that they must not
    count: otherwise a shift of all energies would change the loss. Without any near chain nothing is pushed, for the same reason.
    The mean over all ranks of the results is the loss of the whole batch. mean(E²) keeps energies near zero; there, chains
    beyond the hinge enter with the hinge's energy.
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
