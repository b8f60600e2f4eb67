"""The metrics of an optimizer step: named scalars on the device."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor

from jem_tui.config.objective import ObjectiveConfig
from jem_tui.jem.learner.objective import BatchSizes, LossTerms, jem_loss
from jem_tui.jem.learner.rank_row import RankRow


@dataclass(kw_only=True)
class SamplerMetrics:
    """Metrics of the sampler's steps in one batch; they stay on the device until a step is measured."""

    norm: Tensor | None = None
    """Mean over the chains of ‖∇E(x̂)‖₂ before any clamp in the last SGLD step, a scalar."""
    acceptances: list[Tensor] = field(default_factory=list)
    """Mean probability of acceptance in each step, scalars; empty for a sampler that accepts every state."""

    def observe(self, gradient: Tensor) -> None:
        """Compute the norm from ∇E(x̂), shape (n, channels, height, width)."""
        self.norm = gradient.flatten(1).norm(dim=1).mean()

    def observe_acceptance(self, probabilities: Tensor) -> None:
        """Keep the mean probability (n,) with which the proposals of a step are accepted."""
        self.acceptances.append(probabilities.detach().mean())

    def clear(self) -> None:
        """Discard the metrics of the batch before."""
        self.norm = None
        self.acceptances.clear()

    def named(self) -> dict[str, Tensor]:
        """Return the observed metrics as scalars by tag; a sampler that computes no gradient and proposes nothing has none."""
        norms = {} if self.norm is None else {"sgld/gradient": self.norm}
        return norms | ({"sgld/acceptance": torch.stack(self.acceptances).mean()} if self.acceptances else {})


def named_metrics(
    metrics: Mapping[str, Tensor], weight_gradient: Tensor, of_sampler: Mapping[str, Tensor]
) -> dict[str, Tensor]:
    """Return the metrics of a step as scalars on the device: those of the loss and of the sampler, and the norm of the loss's gradient."""
    return {**metrics, "optimizer/gradient": weight_gradient, **of_sampler}


@torch.no_grad()
def mean_metrics(rank_row: RankRow, terms: LossTerms, named: dict[str, Tensor]) -> tuple[LossTerms, dict[str, Tensor]]:
    """Return the terms with the mean loss of all ranks, and the means of the metrics, so that both are equal on all ranks."""
    if rank_row.alone:
        return terms, named
    energy = 1 + list(named).index("JEM/energy_data")
    loss, *values = rank_row.means(torch.stack([terms.loss, *named.values()]), energy).unbind()
    return replace(terms, loss=loss), dict(zip(named, values, strict=True))


def device_metric_names(config: ObjectiveConfig) -> list[str]:
    """Return the tags of all metrics that `named_metrics` can return with SGLD, from the loss of a batch with rows of every kind."""
    sizes = BatchSizes(plain=1, samples=1, explorers=1, adversarial=1)
    zero = torch.zeros(())
    terms = jem_loss(torch.zeros(5, 2), torch.zeros(1, dtype=torch.int64), config, sizes).with_denoising(zero, 1)
    return list(named_metrics(terms.metrics, zero, {"sgld/gradient": zero}))
