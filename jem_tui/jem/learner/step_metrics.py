"""The metrics of a training step: named scalars, on the device and as numbers."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from jem_tui.events.run import ACCURACY, NRG, TOTAL, XE
from jem_tui.jem.learner.objective import Terms


@torch.no_grad()
def named_metrics(terms: Terms, gradient: Tensor, gradient_norm: Tensor | None) -> dict[str, Tensor]:
    """Return the metrics of a step as scalars on the device; `gradient_norm` is ‖∇E(x̂)‖ where chains moved."""
    named = {TOTAL: terms.total, NRG: terms.nrg, XE: terms.xe, ACCURACY: terms.accuracy}
    named["JEM/energy_data"] = terms.energy_data.mean()
    if len(terms.energy_samples):
        named["JEM/energy_samples"] = terms.energy_samples.mean()
    if len(terms.energy_explorers):
        named["JEM/energy_explorers"] = terms.energy_explorers.mean()
    if terms.adversarial:
        named["JEM/xe_adversarial"] = terms.xe_adversarial
    named["optimizer/gradient"] = gradient
    if gradient_norm is not None:
        named["sgld/gradient"] = gradient_norm
    return named


@torch.no_grad()
def fetched(loss: Tensor, named: Mapping[str, Tensor], rate: float, steps: int) -> tuple[float, dict[str, float]]:
    """Return the loss and the metrics of a step as numbers, fetched from the device in one go."""
    extra = torch.tensor([rate, steps], device=loss.device)
    first, *values = torch.stack([loss, *named.values(), *extra]).tolist()
    return first, dict(zip([*named, "optimizer/rate", "sgld/steps"], values, strict=True))
