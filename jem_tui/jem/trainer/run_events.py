"""Events that a trainer emits about its learner, with read-only copies of arrays."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from jem_tui.config.load import as_mapping
from jem_tui.config.schema import NETWORKS
from jem_tui.events.run import (
    Ability,
    Assessed,
    At,
    Energies,
    Evaluated,
    Event,
    Note,
    NoteKind,
    RealImages,
    Rewound,
    RunStarted,
    Samples,
)
from jem_tui.jem.data.class_examples import some_of_each_class
from jem_tui.jem.data.data_report import DataReport
from jem_tui.jem.data.image_set import as_pixels
from jem_tui.jem.evaluation.online import Assessor, classification_scores, energy_histograms
from jem_tui.jem.learner.learner import Learner
from jem_tui.jem.model.inference import logits_in_chunks, shared_logits
from jem_tui.jem.model.networks import count_parameters, energy
from jem_tui.jem.model.undisturbed import undisturbed
from jem_tui.jem.stability.equal_weights import refuse_different_weights

ABILITIES: frozenset[Ability] = frozenset({"save", "adjust", "evaluate", "rollback"})
"""Abilities of every run."""
MOST_ENERGIES = 1000
"""Largest number of images, and of chains, in the histograms of energies."""


@dataclass(frozen=True, kw_only=True)
class RunInfo:
    """Properties of a run that are known when it starts."""

    run_dir: Path
    device: str
    tile_shape: tuple[int, int, int]
    class_names: tuple[str, ...]
    data: DataReport


@dataclass(frozen=True, kw_only=True)
class Split:
    """Images that are not trained on: uint8 pixels (n, channels, height, width) and labels (n,)."""

    pixels: Tensor
    labels: Tensor


@dataclass(frozen=True, kw_only=True)
class RunEvents:
    """Creates the events of a run; `at` returns the moment of an event."""

    learner: Learner
    validation: Split
    test: Split
    info: RunInfo
    at: Callable[[], At]

    @cached_property
    def assessor(self) -> Assessor:
        """The assessor of the validation images."""
        return Assessor(self.validation.pixels, self.validation.labels, self.learner.ranks)

    def started(self) -> RunStarted:
        """Create the first event of a run."""
        steps, (height, width, channels) = self.learner.horizon, self.info.tile_shape
        return RunStarted(
            **self.at().fields(),
            config=as_mapping(self.learner.config),
            device=self.info.device,
            seed=self.learner.config.train.seed,
            parameters=count_parameters(self.learner.network),
            tile_shape=(height, width, channels),
            class_names=self.info.class_names,
            total_steps=int(steps) if math.isfinite(steps) else 0,
            budget_seconds=60 * self.learner.config.train.minutes,
            steps_per_epoch=self.learner.batches.steps_per_epoch,
            run_dir=str(self.info.run_dir),
            dataset=self.info.data.as_mapping(),
            abilities=self._abilities(),
            knobs={name: self.learner.adjustable_value(name, self.at().step) for name in self.learner.adjustable},
        )

    def _abilities(self) -> frozenset[Ability]:
        """Return the commands that the run accepts.

        On several ranks, a single rank scores drawings, except with a network of the user, whose forward pass may wait for other ranks.
        """
        chains: frozenset[Ability] = frozenset({"reseed", "undo"} if self.learner.samples_chains else ())
        known = self.learner.config.network.name in NETWORKS
        drawings: frozenset[Ability] = frozenset({"draw"} if self.learner.ranks.alone or known else ())
        inspected: frozenset[Ability] = frozenset({"inspect"} if drawings and chains else ())
        return ABILITIES | chains | drawings | inspected

    def beginning(self) -> Iterator[Event]:
        """Yield the first event of a run and, unless the run is resumed, notes on its data."""
        yield self.started()
        if not self.at().step:
            yield self.note(self.info.data.sentence())
            for warning in self.info.data.warnings:
                yield self.note(warning, "warning")

    def note(self, text: str, kind: NoteKind = "info") -> Note:
        """Create a note of this moment."""
        return Note(**self.at().fields(), text=text, kind=kind)

    def rolled_back(self, from_step: int, restarted: int = 0, attempt: int = 0, attempts: int = 0) -> Rewound:
        """Create the event of a rollback that replaced the steps up to `from_step` and restarted some chains."""
        factors = self.learner.recovery_factors
        return Rewound(
            **self.at().fields(),
            from_step=from_step,
            reseeded=restarted,
            attempt=attempt,
            attempts=attempts,
            rate_factor=factors.rate,
            steps_factor=factors.steps,
        )

    def samples(self, requested: bool) -> Iterator[Samples]:
        """Yield the current chains of the buffer; nothing in a run without chains. Raises JemError if the ranks' weights differ.

        Requested samples leave the buffers of the network unchanged.
        """
        refuse_different_weights(self.learner, self.at().step)
        if self.learner.samples_chains:
            with self._undisturbed_if(requested):
                arrays = copy_chains(self.learner, self.learner.config.record.tiles)
            yield Samples(**self.at().fields(), **arrays, requested=requested)

    def real_images(self) -> Iterator[RealImages]:
        """Yield some training images of every class at the start of a new run with chains."""
        if self.learner.samples_chains and not self.at().step:
            batches, tiles = self.learner.batches, self.learner.config.record.tiles
            pixels, labels = some_of_each_class(batches.pixels, batches.labels, tiles)
            yield RealImages(**self.at().fields(), tiles=read_only(pixels), labels=read_only(labels))

    def evaluation(self, requested: bool = False) -> Iterator[Event]:
        """Yield the energies, in a run with chains, and the scores of the validation images.

        A requested evaluation leaves the buffers of the networks unchanged. Raises JemError if the ranks' weights differ.
        """
        # An event is emitted only after the buffers are restored.
        with self._undisturbed_if(requested):
            found = list(self._evaluation()) if requested else self._evaluation()
        yield from found

    def _undisturbed_if(self, requested: bool) -> AbstractContextManager[None]:
        """Return a context in which passes of a request, unlike scheduled ones, change no number of the run."""
        return undisturbed(self.learner.network, self.learner.evaluated) if requested else nullcontext()

    def _evaluation(self) -> Iterator[Event]:
        refuse_different_weights(self.learner, self.at().step)
        energies = count_energies(self.learner, self.validation.pixels) if self.learner.samples_chains else None
        if energies is not None:
            yield Energies(**self.at().fields(), **energies)
        yield self.scores("validation", self.validation)
        assessment = self.assessor.assess(self.learner.evaluated)
        yield Assessed(**self.at().fields(), split="validation", **assessment)

    def scores(self, name: str, split: Split) -> Evaluated:
        """Create the event with the scores on a split."""
        scores = classification_scores(self.learner.evaluated, split.pixels, split.labels, self.learner.ranks)
        return Evaluated(**self.at().fields(), split=name, scores=scores)


@torch.no_grad()
def copy_chains(learner: Learner, count: int) -> dict[str, Any]:
    """Return the arrays of a `Samples` event for the first `count` chains of the buffer, judged by the current network.

    Chains of several ranks are counted in the order of the ranks.
    """
    slots = learner.chain_pool.first(count)
    x = learner.chain_pool.values("x", slots)
    logits = logits_in_chunks(learner.network, x)
    confidence, predicted = logits.softmax(1).max(1)
    tensors = {
        "tiles": as_pixels(x).permute(0, 2, 3, 1),
        "energy": energy(logits),
        "age": learner.chain_pool.values("age", slots),
        "predicted": predicted,
        "confidence": confidence,
        "reseeds": learner.chain_pool.values("reseeds", slots),
    }
    return {name: read_only(learner.ranks.first_rows(tensor, count)) for name, tensor in tensors.items()}


@torch.no_grad()
def count_energies(learner: Learner, pixels: Tensor) -> dict[str, Any] | None:
    """Return the arrays of an `Energies` event for training images, the `pixels` of validation images and chains of all ranks.

    None where the energies of training images, validation images or chains are all not finite.
    """
    network, ranks = learner.network, learner.ranks
    images = {"train": learner.batches.pixels, "data": pixels}
    energies = {name: energy(shared_logits(network, x[:MOST_ENERGIES], ranks)) for name, x in images.items()}
    own_chains = learner.buffer.x[: max(1, ranks.share(MOST_ENERGIES))]
    energies["samples"] = ranks.gather(energy(logits_in_chunks(network, own_chains))).flatten()
    values = {name: found.cpu().numpy() for name, found in energies.items()}
    if not all(np.isfinite(found).any() for found in values.values()):
        return None
    arrays = energy_histograms(values)
    for array in arrays.values():
        array.flags.writeable = False
    return arrays


def read_only(tensor: Tensor) -> NDArray[Any]:
    """Return a copy of a tensor as a read-only array on the CPU."""
    array: NDArray[Any] = tensor.detach().cpu().numpy().copy()
    array.flags.writeable = False
    return array
