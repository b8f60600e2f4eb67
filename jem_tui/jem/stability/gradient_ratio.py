"""The ratio of the gradients of the two terms of the loss, which shows the term that dominates an update."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from jem_tui.events.check_texts import GRADIENT_RATIO
from jem_tui.jem.data.image_set import as_input
from jem_tui.jem.learner.energy_loss import BatchEnergies, energy_loss
from jem_tui.jem.learner.learner import Learner
from jem_tui.jem.model.networks import energy

EXAMINED = 64
"""Number of training images, and of chains, whose gradients are computed, of all ranks together."""


def gradient_ratio(learner: Learner, step: int) -> dict[str, float]:
    """Return log₁₀(‖∇θ energy term‖ / ‖∇θ JEM/xe‖) for optimizer step `step` by its tag; nothing where either term is off or flat.

    The energy term is that of the loss, with its weight in this step. No random number is drawn, and neither weights nor their `.grad`
    change. All ranks return the number of rank 0.
    """
    weight = learner.energy_weight(step)
    if not learner.sgld_steps(step) or not weight:
        return {}
    with undisturbed(learner.network):
        norms = [norm_of_gradient(learner, term) for term in loss_terms(learner)]
    contrast, xe = learner.ranks.numbers(weight * norms[0], norms[1])[0]
    usable = contrast > 0 and xe > 0 and math.isfinite(contrast) and math.isfinite(xe)
    return {GRADIENT_RATIO: math.log10(contrast / xe)} if usable else {}


def loss_terms(learner: Learner) -> tuple[Tensor, Tensor]:
    """Return the energy term without its weight, and JEM/xe, of this rank's examined images and chains: scalars with one graph."""
    ranks, batches, objective = learner.ranks, learner.batches, learner.config.objective
    own = min(batches.share, learner.chains_per_step, max(1, ranks.share(EXAMINED)))
    # Images of a folder are in the order of their classes.
    rows = torch.linspace(0, len(batches.labels) - 1, own * ranks.size).long()[ranks.rank * own :][:own]
    rows = rows.to(batches.labels.device)
    with torch.enable_grad():
        logits = learner.network(torch.cat([as_input(batches.pixels[rows]), learner.buffer.x[:own]]))
        images, chains = torch.split(energy(logits), [own, own])
        whole = BatchEnergies.of(images.mean(), chains, objective, ranks)
        contrast = energy_loss(images, images.mean(), chains, whole, objective)
        return contrast, F.cross_entropy(logits[:own], batches.labels[rows])


def norm_of_gradient(learner: Learner, term: Tensor) -> float:
    """Return the L2 norm of the gradient of a term's mean over all ranks with respect to all weights, and keep the graph."""
    weights = [weight for weight in learner.network.parameters() if weight.requires_grad]
    found = torch.autograd.grad(term, weights, retain_graph=True, materialize_grads=True)
    gradients = [each.contiguous() for each in found]
    learner.ranks.average(gradients)
    return float(torch.nn.utils.get_total_norm(gradients))


@contextmanager
def undisturbed(network: nn.Module) -> Iterator[None]:
    """Run a network in the body, and restore its buffers afterwards, which a spectral norm changes in every pass."""
    buffers = [(buffer, buffer.clone()) for buffer in network.buffers()]
    try:
        yield
    finally:
        with torch.no_grad():
            for buffer, value in buffers:
                buffer.copy_(value)
