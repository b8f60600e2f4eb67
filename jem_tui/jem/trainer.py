"""The trainer as a source of events: what happens in which order, and what is told of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from jem_tui.config.load import as_mapping
from jem_tui.errors import DivergenceError, JemError
from jem_tui.events import (
    Ability,
    Command,
    Diverged,
    Energies,
    Evaluated,
    Event,
    Note,
    NoteKind,
    Reseed,
    RunStarted,
    SampleNow,
    Samples,
    Sampling,
    SaveNow,
    StepDone,
    Wait,
)
from jem_tui.jem.checkpoint import save_checkpoint
from jem_tui.jem.evaluate import classification_scores
from jem_tui.jem.learner import Learner, NotFiniteError
from jem_tui.jem.networks import count_parameters
from jem_tui.jem.observe import observe_chains, observe_energies

SAMPLING_EVERY = 0.25
"""Seconds between two `Sampling` events."""

ABILITIES: frozenset[Ability] = frozenset({"save"})
WITH_CHAINS: frozenset[Ability] = ABILITIES | {"reseed"}


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What a run can say of itself from the start."""

    run_dir: Path
    device: str
    tile_shape: tuple[int, int, int]
    class_names: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Split:
    """Images that are not trained on: uint8 pixels (n, channels, height, width) and labels (n,)."""

    pixels: Tensor
    labels: Tensor


class Trainer:
    """A source: `events()` trains, one step at a time, and tells; `apply()` obeys between steps."""

    def __init__(
        self, learner: Learner, validation: Split, test: Split, facts: Facts, now: Callable[[], float] = time.time
    ) -> None:
        self.learner = learner
        self.config = learner.config
        self._validation = validation
        self._test = test
        self._facts = facts
        self._now = now
        self.step = 0
        """Optimizer steps done."""
        self._reported = 0
        """The step whose samples and scores have been told."""
        self._told = 0
        """How many events of this step's report have been told."""
        self._final = False
        """Whether the end has been told."""
        self._spoke = 0.0
        limit = self.config.train.max_steps or learner.horizon
        self.total_steps = min(limit, learner.horizon)

    @property
    def finished(self) -> bool:
        """Nothing is left to train, nor to tell."""
        return self._final and self.step >= self.total_steps

    @property
    def epoch(self) -> int:
        """Epochs completed."""
        return self.step // self.learner.batches.steps_per_epoch

    def events(self) -> Generator[Event | Wait, None, None]:
        """Train to the end. Raises DivergenceError if the loss leaves the finite numbers."""
        yield self._started()
        yield from self._samples(requested=self.step > 0)
        while self.step < self.total_steps:
            yield from self._untold_report()
            yield from self._train_step()
        yield from self._untold_report()
        yield from self._finish()

    def apply(self, command: Command) -> Iterable[Event]:
        """Carry out a command between two steps."""
        match command:
            case SampleNow():
                yield from self._samples(requested=True)
            case SaveNow():
                yield self._try_to_save()
            case Reseed() if self.learner.samples_chains:
                self.learner.buffer.reseed_all()
                yield self._note(f"reseeded all {len(self.learner.buffer):,} chains from uniform noise", "reseed")
                yield from self._samples(requested=True)
            case _:
                yield self._note(f"a training run cannot {type(command).__name__.lower()}", "warning")

    def state_dict(self) -> dict[str, Any]:
        """All that a resumed run needs, for a checkpoint."""
        told = self._told if self._reported < self.step else 0
        where = {"step": self.step, "reported": self._reported, "told": told, "final": self._final}
        return {"schema": 1, **where, "learner": self.learner.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continue where `state_dict` was taken."""
        self.learner.load_state_dict(state["learner"])
        self.step, self._reported, self._told = state["step"], state["reported"], state["told"]
        self._final = state["final"]

    def _train_step(self) -> Iterator[Event]:
        batch = self.learner.next_batch()
        slots, x_hat = torch.empty(0, dtype=torch.int64), batch[0][:0]
        steps = self.learner.sgld_steps(self.step)
        if steps:
            slots, x_hat = self.learner.buffer.draw(self.config.train.batch_size)
        for k in range(1, steps + 1):
            x_hat = self.learner.move(x_hat)
            if k < steps and self._now() - self._spoke >= SAMPLING_EVERY:
                yield Sampling(**self._where(), k=k, of=steps)
        try:
            metrics = self.learner.update(self.step, batch, slots, x_hat)
        except NotFiniteError as error:
            yield Diverged(**self._where(), why=str(error))
            raise DivergenceError(
                f"Training diverged at step {self.step:,}: {error}.",
                "Try a smaller -s optimizer.rate or -s sgld.step_size; with --resume, from the last checkpoint if there is one.",
            ) from None
        self.step += 1
        yield StepDone(**self._where(), epoch=(self.step - 1) // self.learner.batches.steps_per_epoch, metrics=metrics)

    def _untold_report(self) -> Iterator[Event]:
        """The report of this step, without what was told of it before a stop."""
        if self._reported < self.step:
            for number, event in enumerate(self._report(), start=1):
                if number > self._told:
                    self._told = number
                    yield event
            self._told = 0

    def _report(self) -> Iterator[Event]:
        """What is due after a step; the checkpoint comes last, so that a resumed run does not tell it again."""
        every = self.config.record
        if self.step % self.learner.batches.steps_per_epoch == 0:
            yield self._note(f"epoch {self.epoch} done", "epoch")
        if self.step % every.samples_every == 0:
            yield from self._samples(requested=False)
        if self.step % every.evaluate_every == 0:
            yield from self._evaluate()
        self._reported = self.step
        if self.step % every.checkpoint_every == 0 and self.step < self.total_steps:
            yield self._try_to_save()

    def _finish(self) -> Iterator[Event]:
        if self.step % self.config.record.evaluate_every:
            yield from self._evaluate()
        scores = classification_scores(self.learner.evaluated, self._test.pixels, self._test.labels)
        yield Evaluated(**self._where(), split="test", scores=scores)
        self._final = True
        yield self._save()

    def _evaluate(self) -> Iterator[Event]:
        pixels, labels = self._validation.pixels, self._validation.labels
        energies = observe_energies(self.learner, pixels) if self.learner.samples_chains else None
        if energies is not None:
            edges, data, samples = energies
            yield Energies(**self._where(), edges=edges, data=data, samples=samples)
        scores = classification_scores(self.learner.evaluated, pixels, labels)
        yield Evaluated(**self._where(), split="validation", scores=scores)

    def _samples(self, requested: bool) -> Iterator[Samples]:
        """The chains as they are; nothing in a run that has none."""
        if self.learner.samples_chains:
            view = observe_chains(self.learner, self.config.record.tiles)
            yield Samples(**self._where(), **view, requested=requested)

    def _save(self) -> Note:
        state, keep = self.state_dict(), self.config.record.keep_checkpoints
        path = save_checkpoint(self._facts.run_dir, self.step, state, keep)
        return Note(**self._where(), text=f"checkpoint saved: {path.name}", kind="checkpoint", path=str(path))

    def _try_to_save(self) -> Note:
        """Save, or say why that failed: a full disk must not end the training."""
        try:
            return self._save()
        except JemError as error:
            return self._note(str(error), "warning")

    def _note(self, text: str, kind: NoteKind) -> Note:
        return Note(**self._where(), text=text, kind=kind)

    def _started(self) -> RunStarted:
        height, width, channels = self._facts.tile_shape
        return RunStarted(
            **self._where(),
            config=as_mapping(self.config),
            device=self._facts.device,
            seed=self.config.train.seed,
            parameters=count_parameters(self.learner.network),
            tile_shape=(height, width, channels),
            class_names=self._facts.class_names,
            total_steps=self.total_steps,
            steps_per_epoch=self.learner.batches.steps_per_epoch,
            run_dir=str(self._facts.run_dir),
            abilities=WITH_CHAINS if self.learner.samples_chains else ABILITIES,
        )

    def _where(self) -> dict[str, Any]:
        self._spoke = self._now()
        return {"step": self.step, "images": self.step * self.config.train.batch_size, "time": self._spoke}
