"""The trainer as a source of events: what happens in which order, and what is told of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from jem_tui.errors import DivergenceError
from jem_tui.events.commands import Adjust, Command, EvaluateNow, Reseed, RollBack, SampleNow, SaveNow
from jem_tui.events.run import At, Diverged, Evaluated, Event, Note, NoteKind, Rewound, Sampling, StepDone, Wait
from jem_tui.jem.checkpoint.checkpoint_writer import Checkpoints
from jem_tui.jem.learner.learner import Learner
from jem_tui.jem.stability.diagnosis import Diagnosis
from jem_tui.jem.stability.health_check import is_finite
from jem_tui.jem.stability.rollback import Recovery
from jem_tui.jem.stepping.device_stepper import DeviceStepper, uses_device_stepper
from jem_tui.jem.stepping.stepper import HostStepper, Stepper, next_due, total_steps
from jem_tui.jem.trainer.command_handlers import CommandHandlers, newest_checkpoint
from jem_tui.jem.trainer.run_events import RunDescription, RunEvents, Split

SAMPLING_EVERY = 0.25
"""Seconds between two `Sampling` events."""


class Trainer:
    """A source: `events()` trains, one step at a time, and tells; `apply()` obeys between steps."""

    def __init__(
        self,
        learner: Learner,
        validation: Split,
        test: Split,
        description: RunDescription,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.learner = learner
        self.config = learner.config
        self._run_events = RunEvents(
            learner=learner, validation=validation, test=test, description=description, at=self._at
        )
        self._run_dir = description.run_dir
        self._now = now
        self._recovery = Recovery(self.config, learner)
        self._stepper: Stepper = (
            DeviceStepper(learner) if uses_device_stepper(learner) else HostStepper(learner, self._sampling)
        )
        self._saving = Checkpoints(description.run_dir, self.config.record.keep_checkpoints, self.state_dict, self._at)
        self._commands = CommandHandlers(learner, self._at, self._recovery.watchdog)
        self.step = 0
        """Optimizer steps done."""
        self.resume_warnings: list[str] = []
        """Sentences on what it goes on from."""
        self._reported = 0
        """The step whose samples and scores have been told."""
        self._emitted = 0
        """How many events of this step's report have been told."""
        self._final = False
        """Whether the end has been told."""
        self._last_event = 0.0
        self.total_steps = total_steps(learner)

    @property
    def finished(self) -> bool:
        """Nothing is left to train, nor to tell."""
        return self._final and self.step >= self.total_steps

    @property
    def epoch(self) -> int:
        """Epochs completed."""
        return self.step // self.learner.batches.steps_per_epoch

    def events(self) -> Generator[Event | Wait, None, None]:
        """Train to the end. Raises DivergenceError if it diverges and going back does not help."""
        with closing(self._saving):
            yield from self._run_events.beginning(self.total_steps)
            yield from (self._note(warning, "warning") for warning in self.resume_warnings)
            yield from self._run_events.samples(requested=self.step > 0)
            while self.step < self.total_steps:
                yield from self._pending_report()
                yield from self._check_health()
                yield from self._train_step(next_due(self.learner, self.step))
                yield from self._saving.reserve_once()
            yield from self._pending_report()
            yield from self._finish()

    def apply(self, command: Command) -> Iterable[Event]:
        """Carry out a command between two steps."""
        while self.step < self._stepper.launched:
            yield from self._train_step(self._stepper.launched)
        match command:
            case SampleNow():
                yield from self._run_events.samples(requested=True)
            case SaveNow():
                yield from self._saving.try_to_save(self.step)
            case Reseed() if self.learner.samples_chains:
                yield self._commands.reseed(command)
                yield from self._run_events.samples(requested=True)
            case Adjust():
                yield from self._commands.adjust(command, self.step)
            case EvaluateNow():
                yield from self._run_events.evaluation()
            case RollBack():
                yield from self._roll_back()
            case _:
                yield self._note(f"a training run cannot {type(command).__name__.lower()}", "warning")

    def state_dict(self) -> dict[str, Any]:
        """All that a resumed run needs, for a checkpoint."""
        emitted = self._emitted if self._reported < self.step else 0
        progress = {"step": self.step, "reported": self._reported, "told": emitted, "final": self._final}
        return {"schema": 1, **progress, "learner": self.learner.state_dict(), "recovery": self._recovery.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continue where `state_dict` was taken."""
        self._stepper.drop()
        self.learner.load_state_dict(state["learner"])
        self._recovery.load_state_dict(state["recovery"])
        self.step, self._reported, self._emitted = state["step"], state["reported"], state["told"]
        self._final = state["final"]

    def _train_step(self, stop: int) -> Iterator[Event]:
        """Take the next step; steps that a device takes ahead end before `stop`."""
        taken = yield from self._stepper.take(self.step, stop)
        diagnosis = self._recovery.watchdog.judge_step(taken.loss, taken.metrics)
        if diagnosis.diverged and self.config.stability.on_divergence != "ignore":
            yield from self._recover(diagnosis, taken.slots)
            return
        self._stepper.accept(diagnosis)
        epoch, self.step = self.epoch, self.step + 1
        yield StepDone(**self._at().fields(), epoch=epoch, metrics=taken.metrics)
        yield from self._ignored(diagnosis)

    def _sampling(self, k: int, of: int) -> Iterator[Sampling]:
        if self._now() - self._last_event >= SAMPLING_EVERY:
            yield Sampling(**self._at().fields(), k=k, of=of)

    def _check_health(self) -> Iterator[Event]:
        """Weights and chains before the next step, now and then."""
        for diagnosis in self._recovery.check_health(self.step):
            if not diagnosis.diverged:
                yield self._note(diagnosis.why, "warning")
            elif self.config.stability.on_divergence == "ignore":
                yield from self._ignored(diagnosis)
            else:
                yield from self._recover(diagnosis, torch.empty(0, dtype=torch.int64))

    def _ignored(self, diagnosis: Diagnosis) -> Iterator[Note]:
        if diagnosis.diverged and self._recovery.watchdog.is_due(diagnosis):
            yield self._note(f"ignored: {diagnosis.why}", "warning")

    def _recover(self, diagnosis: Diagnosis, slots: Tensor) -> Iterator[Event]:
        """Go back to the last good state, then tell: a stop between two events finds a run that can go on."""
        lost = self.step
        self._stepper.drop()
        diverged = Diverged(**self._at().fields(), why=diagnosis.why, numbers=diagnosis.numbers)
        if self._recovery.exhausted:
            yield diverged
            yield from self._end_diverged(diagnosis)
            return
        step, reseeded = self._recovery.roll_back(slots)
        self.step, self._reported, self._emitted = step, step, 0
        yield diverged
        yield self._rewound(lost, reseeded, self._recovery.attempts, self.config.stability.tries)
        yield from self._saving.replace_void(self.step)
        yield from self._run_events.samples(requested=False)

    def _end_diverged(self, diagnosis: Diagnosis) -> Iterator[Event]:
        """Leave behind a checkpoint that a resumption can start from, and raise DivergenceError."""
        lost, tries, in_vain = self._at(), self._recovery.attempts, ""
        if tries:
            self.step = self._reported = self._recovery.restore()
            in_vain = f", and {tries} returns to step {self.step:,} did not help"
            yield from (replace(note, **lost.fields()) for note in self._saving.replace_void(self.step))
        raise DivergenceError(
            f"Training diverged at step {lost.step:,}: {diagnosis.why}{in_vain}.",
            "Try a smaller -s optimizer.rate or -s sgld.step_size; with --resume, from the last checkpoint if there is one.",
        )

    def _roll_back(self) -> Iterator[Event]:
        """Go back to the newest checkpoint, on from there with new random streams."""
        found = newest_checkpoint(self._run_dir, self.learner.buffer.x.device)
        if found is None:
            yield self._note("there is no checkpoint to roll back to", "warning")
            return
        state, warnings = found
        yield from (self._note(warning, "warning") for warning in warnings)
        lost, rollbacks = self.step, self._recovery.rollbacks
        self.load_state_dict(state)
        self._recovery.accept_new_state(rollbacks)
        yield self._rewound(lost)
        yield from self._run_events.samples(requested=False)

    def _pending_report(self) -> Iterator[Event]:
        """The report of this step, without what was told of it before a stop."""
        if self._reported < self.step:
            for number, event in enumerate(self._report(), start=1):
                if number > self._emitted:
                    self._emitted = number
                    yield event
            self._emitted = 0

    def _report(self) -> Iterator[Event]:
        """What is due after a step; the checkpoint comes last, so that a resumed run does not tell it again."""
        every = self.config.record
        if self.step % self.learner.batches.steps_per_epoch == 0:
            yield self._note(f"epoch {self.epoch} done", "epoch")
        if self.step % every.samples_every == 0:
            yield from self._run_events.samples(requested=False)
        if self.step % every.evaluate_every == 0:
            yield from self._evaluate()
        self._reported = self.step
        if self.step % every.checkpoint_every == 0 and self.step < self.total_steps and is_finite(self.learner):
            yield from self._saving.try_to_save(self.step)

    def _finish(self) -> Iterator[Event]:
        if self.step % self.config.record.evaluate_every:
            yield from self._evaluate()
        yield self._run_events.scores("test", self._run_events.test)
        self._final = True
        yield from self._saving.save(self.step)

    def _evaluate(self) -> Iterator[Event]:
        for event in self._run_events.evaluation():
            if isinstance(event, Evaluated):
                self._recovery.watchdog.record_accuracy(event.scores["accuracy"])
            yield event

    def _rewound(self, lost: int, reseeded: int = 0, attempt: int = 0, attempts: int = 0) -> Rewound:
        factors = self.learner.recovery_factors
        return Rewound(
            **self._at().fields(),
            from_step=lost,
            reseeded=reseeded,
            attempt=attempt,
            attempts=attempts,
            rate_factor=factors.rate,
            steps_factor=factors.steps,
        )

    def _note(self, text: str, kind: NoteKind) -> Note:
        return Note(**self._at().fields(), text=text, kind=kind)

    def _at(self) -> At:
        self._last_event = self._now()
        return At(self.step, self.step * self.config.train.batch_size, self._last_event)
