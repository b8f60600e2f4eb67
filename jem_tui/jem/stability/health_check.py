"""Health checks of weights and chains, which are too expensive for every step."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from jem_tui.jem.data.image_set import as_input
from jem_tui.jem.learner.learner import Learner
from jem_tui.jem.model.inference import class_entropy, logits_in_chunks, shared_logits
from jem_tui.jem.model.networks import energy
from jem_tui.jem.stability.health_report import HealthReport

EXAMINED = 500
"""Number of chains, and of training images, that are examined."""
FEWEST = 100
"""Minimum number of moved chains for a judgement of the model."""
SATURATED = 0.98
"""|pixel| from which a pixel in [−1, 1] counts as saturated."""


@torch.no_grad()
def make_health_report(learner: Learner) -> HealthReport:
    """Measure what `Watchdog.judge_health` judges, without drawing random numbers, on the chains of all ranks."""
    if not is_finite(learner):
        return HealthReport(finite=False)
    ranks, own = learner.ranks, max(1, learner.ranks.share(EXAMINED))
    chains = ranks.gather(learner.buffer.x[:own]).flatten(0, 1)
    moved = chains[ranks.gather(learner.buffer.age[:own]).flatten() > 0]
    if len(moved) < FEWEST:
        return HealthReport(finite=True)
    images = as_input(learner.batches.pixels[:EXAMINED])
    logits = shared_logits(learner.network, moved, ranks)
    entropy = class_entropy(logits.argmax(1), logits.shape[1])
    variety = float(moved.var(0).mean() / images.var(0).mean()) if images.var(0).any() else math.nan
    # GPUs of two kinds round differently, and a limit may be between the results: all ranks use the numbers of rank 0
    numbers = ranks.numbers(entropy, saturated_share(moved), saturated_share(images), variety)[0]
    return HealthReport(
        finite=True,
        class_entropy=numbers[0],
        saturated=numbers[1],
        saturated_data=numbers[2],
        variety=None if math.isnan(numbers[3]) else numbers[3],
    )


def saturated_share(x: Tensor) -> float:
    """Return the share of saturated pixels."""
    return float((x.abs() >= SATURATED).float().mean())


def is_finite(learner: Learner) -> bool:
    """Return whether all weights, their average, and all chains of all ranks are finite, with one transfer from the device."""
    tensors = [*learner.network.parameters(), *learner.evaluated.parameters(), *every_chain(learner)]
    return learner.ranks.all(bool(torch.stack([tensor.isfinite().all() for tensor in tensors]).all()))


@torch.no_grad()
def broken_chains(learner: Learner, limit: float) -> Tensor:
    """Return the slots (n,), ascending, of chains with a pixel that is not finite, or in the buffer with |energy| > `limit`.

    A `limit` of 0 means no limit.
    """
    finite = torch.cat([x.flatten(1).isfinite().all(1) for x in every_chain(learner)])
    energies = energy(logits_in_chunks(learner.network, learner.buffer.x))
    finite[: len(energies)] &= energies.abs() <= (limit or math.inf)
    return (~finite).nonzero().squeeze(1)


def every_chain(learner: Learner) -> list[Tensor]:
    """Return the chains of the buffer and of the explorers, if there are any, in the order of their slots."""
    explorers = learner.chain_pool.explorers
    return [learner.buffer.x] if explorers is None else [learner.buffer.x, explorers.x]
