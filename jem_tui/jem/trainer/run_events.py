"""What a run tells of itself: events about the learner as it is, with read-only copies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from torch import Tensor

from jem_tui.config.load import as_mapping
from jem_tui.events.run import Ability, Assessed, At, Energies, Evaluated, Event, Note, RunStarted, Samples
from jem_tui.jem.data.data_report import DataReport
from jem_tui.jem.evaluation.online import classification_scores
from jem_tui.jem.evaluation.online_ood import Assessor
from jem_tui.jem.learner.learner import Learner
from jem_tui.jem.model.networks import count_parameters
from jem_tui.jem.trainer.chain_stats import observe_chains, observe_energies

ABILITIES: frozenset[Ability] = frozenset({"save", "adjust", "evaluate", "rollback"})
WITH_CHAINS: frozenset[Ability] = ABILITIES | {"reseed"}


@dataclass(frozen=True, kw_only=True)
class RunDescription:
    """What a run can say of itself from the start."""

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
    """Makes the events; `at` returns the moment of each."""

    learner: Learner
    validation: Split
    test: Split
    description: RunDescription
    at: Callable[[], At]

    @cached_property
    def assessor(self) -> Assessor:
        """For the validation images."""
        return Assessor(self.validation.pixels, self.validation.labels)

    def started(self, total_steps: int) -> RunStarted:
        """The first event of a run."""
        height, width, channels = self.description.tile_shape
        return RunStarted(
            **self.at().fields(),
            config=as_mapping(self.learner.config),
            device=self.description.device,
            seed=self.learner.config.train.seed,
            parameters=count_parameters(self.learner.network),
            tile_shape=(height, width, channels),
            class_names=self.description.class_names,
            total_steps=total_steps,
            steps_per_epoch=self.learner.batches.steps_per_epoch,
            run_dir=str(self.description.run_dir),
            dataset=self.description.data.as_mapping(),
            abilities=WITH_CHAINS if self.learner.samples_chains else ABILITIES,
        )

    def beginning(self, total_steps: int) -> Iterator[Event]:
        """Begin a run: its first event and, unless the run is resumed, the figures of its data and warnings."""
        yield self.started(total_steps)
        if not self.at().step:
            yield Note(**self.at().fields(), text=self.description.data.sentence())
            for warning in self.description.data.warnings:
                yield Note(**self.at().fields(), text=warning, kind="warning")

    def samples(self, requested: bool) -> Iterator[Samples]:
        """The chains as they are; nothing in a run that has none."""
        if self.learner.samples_chains:
            view = observe_chains(self.learner, self.learner.config.record.tiles)
            yield Samples(**self.at().fields(), **view, requested=requested)

    def evaluation(self) -> Iterator[Event]:
        """Energies, where there are chains, and what can be said of the validation images."""
        energies = observe_energies(self.learner, self.validation.pixels) if self.learner.samples_chains else None
        if energies is not None:
            yield Energies(**self.at().fields(), **energies)
        yield self.scores("validation", self.validation)
        yield Assessed(**self.at().fields(), split="validation", **self.assessor.assess(self.learner.evaluated))

    def scores(self, name: str, split: Split) -> Evaluated:
        """Scores on a split."""
        scores = classification_scores(self.learner.evaluated, split.pixels, split.labels)
        return Evaluated(**self.at().fields(), split=name, scores=scores)
