"""Looking at the chains and their energies without touching them: read-only copies in numpy."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from jem_tui.jem.data.image_set import as_pixels
from jem_tui.jem.evaluation.online import energy_histograms
from jem_tui.jem.learner.learner import Learner
from jem_tui.jem.model.inference import logits_in_chunks
from jem_tui.jem.model.networks import energy

MOST_ENERGIES = 1000
"""Images, and chains, in the two histograms."""


@torch.no_grad()
def observe_chains(learner: Learner, count: int) -> dict[str, Any]:
    """The arrays of a `Samples` event for `count` chains of the buffer, by the network as it is now."""
    chain_pool = learner.chain_pool
    slots = chain_pool.first(count)
    x = chain_pool.values("x", slots)
    logits = logits_in_chunks(learner.network, x)
    confidence, predicted = logits.softmax(1).max(1)
    view = {
        "tiles": as_pixels(x).permute(0, 2, 3, 1),
        "energy": energy(logits),
        "age": chain_pool.values("age", slots),
        "predicted": predicted,
        "confidence": confidence,
        "reseeds": chain_pool.values("reseeds", slots),
    }
    return {name: read_only(value) for name, value in view.items()}


@torch.no_grad()
def observe_energies(learner: Learner, pixels: Tensor) -> dict[str, Any] | None:
    """The arrays of an `Energies` event: training images, held-out `pixels` and chains; None where no energy is finite."""
    pictures = {"train": learner.batches.pixels, "data": pixels, "samples": learner.buffer.x}
    energies = {name: energy(logits_in_chunks(learner.network, x[:MOST_ENERGIES])) for name, x in pictures.items()}
    values = {name: found.cpu().numpy() for name, found in energies.items()}
    if not all(np.isfinite(found).any() for found in values.values()):
        return None
    arrays = energy_histograms(values)
    for array in arrays.values():
        array.flags.writeable = False
    return arrays


def read_only(tensor: Tensor) -> NDArray[Any]:
    """A copy on the CPU that nobody can write to."""
    array: NDArray[Any] = tensor.detach().cpu().numpy().copy()
    array.flags.writeable = False
    return array
