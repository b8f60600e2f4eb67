"""Scores of a drawing, and the chain of the run's sampler that starts from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from jem_tui.config.sampler_settings import SgldConfig
from jem_tui.events.drawing import DrawingRequest, DrawingScore
from jem_tui.jem.data.image_set import as_input, as_pixels
from jem_tui.jem.model.inference import logits_in_chunks
from jem_tui.jem.model.networks import energy
from jem_tui.jem.sampling.sampler import Sampler, sampling_task, states
from jem_tui.jem.sampling.sgld import NetworkEnergy, sgld_step

STEPS_OF_TASK = 1_000
"""Steps after which a sampler other than SGLD starts again from the state of the chain."""
Settings = Callable[[], SgldConfig]
"""A function that returns the settings of the sampler for the next step."""


class DrawingScorer:
    """Scores drawings with a network, and moves one chain with a random stream of its own."""

    def __init__(self, network: nn.Module, sampler: Sampler | None, settings: Settings, device: torch.device) -> None:
        """Score with `network`; `sampler` replaces SGLD unless it is None."""
        self._network = network
        self._sampler = sampler
        self._settings = settings
        self._device = device
        self._generator = torch.Generator(device).manual_seed(0)
        self._x: Tensor | None = None
        """The state of the chain, shape (1, channels, height, width)."""
        self._moved = 0
        self._moves: tuple[int | None, Iterator[Tensor]] | None = None
        """The class that the steps follow, and the states of the chain after each step."""

    def score(self, request: DrawingRequest, step: int) -> DrawingScore | None:
        """Return the score of a drawing or of its chain, under weights after `step` optimizer steps; None without a drawing."""
        if request.pixels is not None:
            self._start(request.pixels)
        if self._x is None:
            return None
        if request.steps:
            self._move(request.steps, request.label)
        logits = logits_in_chunks(self._network, self._x).float()
        return DrawingScore(
            number=request.number,
            step=step,
            probabilities=logits.softmax(1)[0].cpu().numpy(),
            energy=float(energy(logits)[0]),
            image=as_pixels(self._x)[0].permute(1, 2, 0).cpu().numpy(),
            moved=self._moved,
        )

    def _start(self, pixels: NDArray[np.uint8]) -> None:
        image = torch.from_numpy(np.ascontiguousarray(pixels.transpose(2, 0, 1)))[None]
        self._x, self._moved, self._moves = as_input(image.to(self._device)), 0, None

    def _move(self, steps: int, label: int | None) -> None:
        for _ in range(steps):
            if self._moves is None or self._moves[0] != label:
                assert self._x is not None
                self._moves = label, self._states(self._x, label)
            self._x = next(self._moves[1])
            self._moved += 1

    def _states(self, x: Tensor, label: int | None) -> Iterator[Tensor]:
        """Yield the states of the chain from `x` without end, down E(x), or down E(x, y) of the class `label`."""
        classes = None if label is None else torch.full((1,), label, device=self._device)
        while True:
            settings = self._settings()
            energy_of = NetworkEnergy(self._network, classes, settings.guidance if classes is not None else 0.0)
            if self._sampler is None:
                x = sgld_step(energy_of, x, settings, self._generator)
                yield x
                continue
            task = sampling_task(x, energy_of, STEPS_OF_TASK, settings, self._generator)
            for state in states(self._sampler, task):
                x = state.clone()
                yield x
