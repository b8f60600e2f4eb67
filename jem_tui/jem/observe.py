"""Looking at the chains and their energies without touching them: read-only copies in numpy."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from jem_tui.jem.evaluate import energy_histograms, logits_in_chunks
from jem_tui.jem.images import as_pixels
from jem_tui.jem.learner import Learner
from jem_tui.jem.networks import energy

MOST_ENERGIES = 1000
"""Images, and chains, in the two histograms."""


@torch.no_grad()
def observe_chains(learner: Learner, count: int) -> dict[str, Any]:
    """The arrays of a `Samples` event for `count` chains, explorers in their share, by the network as it is now."""
    population = learner.population
    slots = population.first(count)
    x = population.at("x", slots)
    logits = logits_in_chunks(learner.network, x)
    confidence, predicted = logits.softmax(1).max(1)
    view = {
        "tiles": as_pixels(x).permute(0, 2, 3, 1),
        "energy": energy(logits),
        "age": population.at("age", slots),
        "predicted": predicted,
        "confidence": confidence,
        "reseeds": population.at("reseeds", slots),
    }
    return {name: read_only(value) for name, value in view.items()}


@torch.no_grad()
def observe_energies(
    learner: Learner, pixels: Tensor
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]] | None:
    """Edges and counts of E(x) on held-out images and of E(x̂) in the buffer; None where no energy is finite."""
    data = energy(logits_in_chunks(learner.network, pixels[:MOST_ENERGIES])).cpu().numpy()
    samples = energy(logits_in_chunks(learner.network, learner.buffer.x[:MOST_ENERGIES])).cpu().numpy()
    if not (np.isfinite(data).any() and np.isfinite(samples).any()):
        return None
    edges, *counts = energy_histograms(data, samples)
    for array in (edges, *counts):
        array.flags.writeable = False
    return edges, counts[0], counts[1]


def read_only(tensor: Tensor) -> NDArray[Any]:
    """A copy on the CPU that nobody can write to."""
    array: NDArray[Any] = tensor.detach().cpu().numpy().copy()
    array.flags.writeable = False
    return array
