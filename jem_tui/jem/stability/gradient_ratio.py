"""The ratio of the gradients of the two terms of the loss, which shows the term that dominates an update."""

from __future__ import annotations

import math
from contextlib import ExitStack
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from jem_tui.jem.data.image_set import as_input
from jem_tui.jem.learner.energy_loss import BatchEnergies, energy_loss
from jem_tui.jem.learner.learner import Learner
from jem_tui.jem.model.networks import energy
from jem_tui.jem.model.undisturbed import undisturbed
from jem_tui.jem.ranks.agreed import agreed

GRADIENT_RATIO = "optimizer/gradient_ratio"
EXAMINED = 64
"""Number of training images, and of chains, whose gradients are computed, of all ranks together."""


def gradient_ratio(learner: Learner, step: int) -> dict[str, float]:
    """Return log₁₀(‖∇θ energy term‖ / ‖∇θ JEM/xe‖) for optimizer step `step` by its tag; nothing where either term is off or flat.

    The energy term is that of the loss, with its weight in this step. No random number is drawn, and neither weights nor their `.grad`
    change. All ranks return the number of rank 0. Raises LocalFailureError on all ranks if any fails.
    """
    weight = learner.energy_weight(step)
    if not learner.sgld_steps(step) or not weight:
        return {}
    contrast, xe = learner.ranks.numbers(*norms_of_gradients(learner, weight))[0]
    usable = contrast > 0 and xe > 0 and math.isfinite(contrast) and math.isfinite(xe)
    return {GRADIENT_RATIO: math.log10(contrast / xe)} if usable else {}


def norms_of_gradients(learner: Learner, weight: float) -> tuple[float, float]:
    """Return the L2 norms of the gradients of the energy term, times its weight, and of JEM/xe, each the mean over all ranks."""
    ranks = learner.ranks
    contrast, xe = gradients_of_terms(learner)
    ranks.average(contrast)
    ranks.average(xe)
    norm = torch.nn.utils.get_total_norm
    return agreed(ranks, lambda: (weight * float(norm(contrast)), float(norm(xe))))


def gradients_of_terms(learner: Learner) -> tuple[list[Tensor], list[Tensor]]:
    """Return the gradients of the energy term without its weight, and of JEM/xe, with respect to all weights, on this rank's examined rows."""
    ranks, objective = learner.ranks, learner.config.objective
    with ExitStack() as stack, torch.enable_grad():
        examined = agreed(ranks, lambda: examine(learner, stack))
        whole = BatchEnergies.of(examined.images.mean(), examined.chains, objective, ranks)

        def differentiate() -> tuple[list[Tensor], list[Tensor]]:
            images = examined.images
            contrast = energy_loss(images, images.mean(), examined.chains, whole, objective)
            return gradients(learner.network, contrast), gradients(learner.network, examined.xe)

        return agreed(ranks, differentiate)


@dataclass(frozen=True, kw_only=True)
class ExaminedRows:
    """Results of one pass of images and chains through the network, with its graph."""

    images: Tensor
    """E(x) of the images, shape (n,)."""
    chains: Tensor
    """E(x̂) of the chains, shape (n,)."""
    xe: Tensor
    """JEM/xe, a scalar."""


def examine(learner: Learner, stack: ExitStack) -> ExaminedRows:
    """Pass this rank's examined images and chains through the network, whose buffers are restored at the end of the `stack`."""
    ranks, batches = learner.ranks, learner.batches
    stack.enter_context(undisturbed(learner.network))
    own = min(batches.share, learner.chains_per_step, max(1, ranks.share(EXAMINED)))
    # Images of a folder are in the order of their classes.
    rows = torch.linspace(0, len(batches.labels) - 1, own * ranks.size).long()[ranks.rank * own :][:own]
    rows = rows.to(batches.labels.device)
    logits = learner.network(torch.cat([as_input(batches.pixels[rows]), learner.buffer.x[:own]]))
    images, chains = torch.split(energy(logits), [own, own])
    return ExaminedRows(images=images, chains=chains, xe=F.cross_entropy(logits[:own], batches.labels[rows]))


def gradients(network: nn.Module, term: Tensor) -> list[Tensor]:
    """Return the gradients of a term with respect to all weights, and keep the graph."""
    weights = [weight for weight in network.parameters() if weight.requires_grad]
    found = torch.autograd.grad(term, weights, retain_graph=True, materialize_grads=True)
    return [each.contiguous() for each in found]
