"""Energies of images and chains with which the energy of a drawing is compared."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from jem_tui.events.drawing import EnergyReference
from jem_tui.jem.evaluation.scores import KEPT, rejected
from jem_tui.jem.model.inference import logits_in_chunks
from jem_tui.jem.model.networks import energy

PART = 50
"""Images of each set that are scored at once."""
SETS = ("held_out", "test", "train", "chains")


class EnergySurvey:
    """Energies of images and chains, computed in parts, between which the caller can do something else."""

    def __init__(self, network: nn.Module, sets: Mapping[str, Tensor]) -> None:
        """Prepare a survey of all `SETS`: images (n, channels, height, width) that are uint8 or in [−1, 1]."""
        self._network = network
        self._sets = {name: sets[name] for name in SETS}
        self._found: dict[str, list[NDArray[np.float32]]] = {name: [] for name in SETS}
        self._scored = 0

    def advance(self) -> bool:
        """Score the next part of every set, and return whether any image is left."""
        for name, images in self._sets.items():
            part = images[self._scored : self._scored + PART]
            if len(part):
                found = energy(logits_in_chunks(self._network, part)).float().cpu().numpy()
                self._found[name].append(found[np.isfinite(found)])
        self._scored += PART
        return any(len(images) > self._scored for images in self._sets.values())

    def reference(self, step: int) -> EnergyReference | None:
        """Return the energies found so far under weights after `step` optimizer steps; None without any of validation images."""
        found = {name: np.concatenate([np.empty(0, np.float32), *parts]) for name, parts in self._found.items()}
        if not len(found["held_out"]):
            return None
        threshold, test = threshold_of(found["held_out"]), found["test"]
        return EnergyReference(
            step=step,
            train=found["train"],
            held_out=found["held_out"],
            chains=found["chains"],
            threshold=threshold,
            kept=KEPT,
            false_positives=float((test > threshold).mean()) if len(test) else math.nan,
            tested=len(test),
        )


def threshold_of(energies: NDArray[np.float32]) -> float:
    """Return the lowest threshold that 95 % of the energies (n,) do not exceed: that of FPR95 for the score −E(x)."""
    return float(np.sort(energies)[len(energies) - 1 - rejected(len(energies))])


def spread(images: Tensor, most: int) -> Tensor:
    """Return at most `most` images at equal distances, so that images in the order of their classes give all classes."""
    if len(images) <= most:
        return images
    rows = torch.arange(most, device=images.device) * len(images) // most
    return images[rows]
