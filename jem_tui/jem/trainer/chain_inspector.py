"""Facts about a chain of a run that trains, between two of its steps. Weights, random streams, events and log do not depend on them."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from jem_tui.events.chain_facts import ChainInspection
from jem_tui.events.commands import InspectChain
from jem_tui.jem.data.image_set import as_input, as_pixels
from jem_tui.jem.evaluation.energy_survey import spread
from jem_tui.jem.evaluation.memorisation import as_points, nearest_points, pixel_points
from jem_tui.jem.learner.learner import Learner
from jem_tui.jem.model.inference import logits_in_chunks
from jem_tui.jem.model.undisturbed import undisturbed

MOST_PIXELS = 100_000_000
"""Pixels of the training images that are compared with a chain, about 0.1 s on a CPU; of more images, a part is compared."""
MOST_OF_CLASS = 1_000
"""Images whose mean stands for a class."""


class ChainInspector:
    """Answers requests for facts about chains. Its methods are called between two steps, on one rank."""

    def __init__(self, learner: Learner) -> None:
        self._learner = learner
        self._means: dict[int, NDArray[np.uint8]] = {}

    def answer(self, command: InspectChain, step: int) -> None:
        """Answer a request at optimizer step `step`, unless this rank has no such chain. No failure ends the run."""
        with suppress(Exception, SystemExit):
            if 0 <= command.chain < len(self._learner.buffer):
                command.answer(self.inspect(command.chain, step))

    @torch.no_grad()
    def inspect(self, chain: int, step: int) -> ChainInspection:
        """Return the facts about the chain in a slot of the buffer."""
        learner = self._learner
        x, batches = learner.buffer.x[chain : chain + 1], learner.batches
        with undisturbed(learner.network):
            probabilities = logits_in_chunks(learner.network, x).softmax(1)[0]
        most = max(1, MOST_PIXELS // x.numel())
        rows = spread(torch.arange(len(batches.labels), device=x.device), most)
        found = nearest_points(
            as_points(x), pixel_points(batches.pixels if len(rows) == len(batches.labels) else batches.pixels[rows])
        )
        row = int(rows[found.row[0]])
        return ChainInspection(
            chain=chain,
            step=step,
            probabilities=probabilities.float().cpu().numpy(),
            nearest=as_image(batches.pixels[row]),
            nearest_label=int(batches.labels[row]),
            distance=float(found.distance[0]),
            mean=self._mean_of(int(probabilities.argmax())),
        )

    def _mean_of(self, label: int) -> NDArray[np.uint8]:
        """Return the mean of training images of a class, computed once."""
        if label not in self._means:
            batches = self._learner.batches
            rows = spread((batches.labels == label).nonzero().squeeze(1), MOST_OF_CLASS)
            images = as_input(batches.pixels[rows])
            mean = images.mean(0) if len(rows) else torch.zeros(batches.pixels.shape[1:], device=rows.device)
            self._means[label] = as_image(as_pixels(mean))
        return self._means[label]


def as_image(pixels: Tensor) -> NDArray[np.uint8]:
    """Return uint8 pixels (channels, height, width) as an image (height, width, channels) on the CPU."""
    image: NDArray[np.uint8] = pixels.permute(1, 2, 0).cpu().numpy().copy()
    return image
