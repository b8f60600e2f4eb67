"""A look at the state of weights and chains, too expensive for every step."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from jem_tui.jem.data.image_set import as_input
from jem_tui.jem.learner.learner import Learner
from jem_tui.jem.model.inference import logits_in_chunks
from jem_tui.jem.model.networks import energy
from jem_tui.jem.stability.watchdog import HealthReport

EXAMINED = 500
"""Chains, and training images, that are looked at."""
FEWEST = 100
"""Chains that must have moved before they say anything of the model."""
EXTREME = 0.98
"""|pixel| from which it counts as black or white, in [−1, 1]."""


@torch.no_grad()
def make_health_report(learner: Learner) -> HealthReport:
    """The facts that `Watchdog.judge_health` judges; it draws no random numbers."""
    chains = learner.buffer.x[:EXAMINED]
    moved = chains[learner.buffer.age[:EXAMINED] > 0]
    if not is_finite(learner):
        return HealthReport(finite=False)
    if len(moved) < FEWEST:
        return HealthReport(finite=True)
    images = as_input(learner.batches.pixels[:EXAMINED])
    logits = logits_in_chunks(learner.network, moved)
    return HealthReport(
        finite=True,
        class_entropy=class_entropy(logits.argmax(1), logits.shape[1]),
        saturated=saturated(moved),
        saturated_data=saturated(images),
        variety=float(moved.var(0).mean() / images.var(0).mean()) if images.var(0).any() else None,
    )


def class_entropy(classes: Tensor, count: int) -> float:
    """Entropy of class indices (n,) over that of `count` equally frequent ones, in [0, 1]."""
    shares = torch.bincount(classes, minlength=count).double() / len(classes)
    return float(torch.special.entr(shares).sum()) / math.log(count) if count > 1 else 1.0


def saturated(x: Tensor) -> float:
    """Share of pixels that are black or white."""
    return float((x.abs() >= EXTREME).float().mean())


def is_finite(learner: Learner) -> bool:
    """Whether all weights, their average, and all chains are finite, in one question to the device."""
    tensors = [*learner.network.parameters(), *learner.evaluated.parameters(), *every_chain(learner)]
    return bool(torch.stack([tensor.isfinite().all() for tensor in tensors]).all())


@torch.no_grad()
def broken_chains(learner: Learner, limit: float) -> Tensor:
    """Slots (n,) of chains with a pixel that is not finite, or, in the buffer, an energy beyond ±`limit` (0: no limit)."""
    finite = torch.cat([x.flatten(1).isfinite().all(1) for x in every_chain(learner)])
    energies = energy(logits_in_chunks(learner.network, learner.buffer.x))
    finite[: len(energies)] &= energies.abs() <= (limit or math.inf)
    return (~finite).nonzero().squeeze(1)


def every_chain(learner: Learner) -> list[Tensor]:
    """The chains of the buffer and, where there are some, the explorers, in the order of their slots."""
    explorers = learner.chain_pool.explorers
    return [learner.buffer.x] if explorers is None else [learner.buffer.x, explorers.x]
