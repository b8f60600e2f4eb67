"""The trainer: an event source that takes optimizer steps, emits the events that are due, and applies commands in between."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from typing import Any

from torch import Tensor

from jem_tui.errors import InputError
from jem_tui.events.commands import Adjust, Command, EvaluateNow, Reseed, RollBack, SampleNow, SaveNow, UndoRestart
from jem_tui.events.run import At, Diverged, Evaluated, Event, Note, Sampling, StepDone, Wait
from jem_tui.jem.checkpoint.checkpoint_writer import CheckpointWriter
from jem_tui.jem.checkpoint.load_checkpoint import load_newest_checkpoint
from jem_tui.jem.learner.learner import Learner
from jem_tui.jem.learner.own_metrics import OwnMetrics
from jem_tui.jem.stability.diagnosis import Diagnosis, unrecovered
from jem_tui.jem.stability.health_check import is_finite
from jem_tui.jem.stability.rollback import Recovery
from jem_tui.jem.stepping.device_stepper import DeviceStepper, uses_device_stepper
from jem_tui.jem.stepping.stepper import HostStepper, Stepper, is_over, next_due
from jem_tui.jem.trainer.command_handlers import CommandHandlers
from jem_tui.jem.trainer.plugin_failure import saving_on_failure
from jem_tui.jem.trainer.rank_monitor import RankMonitor
from jem_tui.jem.trainer.run_events import RunEvents, RunInfo, Split
from jem_tui.jem.trainer.unrecorded_answers import UnrecordedAnswers
from jem_tui.jem.trainer.user_failures import supervised
from jem_tui.plugins.plugged import PluggedFunction

SAMPLING_EVERY = 0.25
"""Seconds between two `Sampling` events."""


class Trainer:
    """A source: `events()` trains one step at a time and yields events, `apply()` carries out a command between steps."""

    def __init__(
        self,
        learner: Learner,
        validation: Split,
        test: Split,
        info: RunInfo,
        now: Callable[[], float] = time.time,
        metrics: Sequence[PluggedFunction] = (),
    ) -> None:
        self.learner, self.config, self._ranks = learner, learner.config, learner.ranks
        self._run_dir, self._now, self._last_event = info.run_dir, now, 0.0
        self._run_events = RunEvents(learner=learner, validation=validation, test=test, info=info, at=self._at)
        self.monitor = RankMonitor(learner, self._at)
        self._own_metrics, self._recovery = OwnMetrics(metrics, self._ranks), Recovery(self.config, learner)
        self._stepper: Stepper = (
            DeviceStepper(learner) if uses_device_stepper(learner) else HostStepper(learner, self._sampling)
        )
        record = self.config.record
        self._checkpoint_writer = CheckpointWriter(info.run_dir, record, self.state_dict, self._at, self._ranks)
        self._command_handlers = CommandHandlers(learner, self._at, self._recovery)
        self._answers = UnrecordedAnswers(learner, self._run_events)
        self.step = 0
        """Optimizer steps done."""
        self.resume_warnings: list[str] = []
        """Warnings about the state that a run resumes from, emitted as notes when it starts."""
        self._reported = 0
        """The last step whose report (samples, scores, checkpoint) is complete."""
        self._emitted = 0
        """Events of the current step's report that have been emitted."""
        self._final = False
        """True once the scores on the test images have been emitted, which end a run."""

    @property
    def finished(self) -> bool:
        """True once the run has ended and all events are emitted."""
        return self._final and self.learner.progress(self.step) >= 1

    @supervised
    def events(self) -> Generator[Event | Wait, None, None]:
        """Train to the end. Raises DivergenceError if the run diverges and rollbacks do not help."""
        with closing(self._checkpoint_writer):
            yield from self._run_events.beginning()
            yield from (self._run_events.note(warning, "warning") for warning in self.resume_warnings)
            yield from self._run_events.real_images()
            yield from self._run_events.samples(requested=self.step > 0)
            while True:
                yield from self._pending_report()
                if is_over(self.learner, self._stepper, self.step):
                    break
                yield from self._check_health()
                yield from self._train_step(next_due(self.learner, self.step))
                yield from self._checkpoint_writer.reserve_once()
            yield from self._finish()

    @supervised
    def apply(self, command: Command) -> Generator[Event, None, None]:
        """Apply a command between two steps."""
        if self._answers.give_on_one_rank(command, max(self.step, self._stepper.launched)):
            return
        while self.step < self._stepper.launched:
            yield from self._train_step(self._stepper.launched)
        match command:
            case SampleNow():
                yield from self._run_events.samples(requested=True)
            case SaveNow():
                yield from self._checkpoint_writer.try_to_save(self.step)
            case Reseed() | UndoRestart() if self.learner.samples_chains:
                yield self._command_handlers.change_chains(command)
                yield from self._run_events.samples(requested=True)
            case Adjust():
                yield from self._command_handlers.adjust(command, self.step)
            case EvaluateNow():
                yield from self._run_events.evaluation(requested=True)
            case RollBack():
                yield from self._roll_back()
            case _ if not self._answers.give(command, self.step):
                yield self._run_events.note(f"a training run cannot {type(command).__name__.lower()}", "warning")

    def state_dict(self) -> dict[str, Any]:
        """Return the complete state of the run, for a checkpoint."""
        emitted = self._emitted if self._reported < self.step else 0
        progress = {"step": self.step, "reported": self._reported, "told": emitted, "final": self._final}
        time = {"seconds": self.learner.run_time.agreed()}
        parts = {"learner": self.learner.state_dict(), "recovery": self._recovery.state_dict()}
        return {"schema": 1, **progress, **time, **parts}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Restore the run from a state returned by `state_dict`."""
        self._stepper.discard()
        self.learner.load_state_dict(state["learner"])
        self._recovery.load_state_dict(state["recovery"])
        self.step, self._reported, self._emitted = state["step"], state["reported"], state["told"]
        self._final = state["final"]
        self.learner.run_time.restore(self.step, state.get("seconds", 0.0))

    def _train_step(self, stop: int) -> Iterator[Event]:
        """Take the next step; steps that a device takes ahead end before `stop`."""
        alone, step = self._ranks.alone, self._stepper.take(self.step, stop)
        with self.monitor.step():
            measured = yield from saving_on_failure(step, self._save_if_finite, alone=alone)
        diagnosis = self._recovery.watchdog.judge_step(measured.loss, measured.metrics)
        if diagnosis.diverged and self.config.stability.on_divergence != "ignore":
            yield from self._recover(diagnosis, measured.slots)
            return
        own, faults = self._own_metrics.measure(measured.view)
        self._stepper.accept(diagnosis)
        self._command_handlers.release_old(self.step)
        epoch, self.step = self.learner.epoch(self.step), self.step + 1
        yield StepDone(**self._at().fields(), epoch=epoch, metrics=measured.metrics | own)
        yield from self._ignored(diagnosis)
        faults += self.learner.failed_metrics.take_notes()
        yield from (self._run_events.note(fault, "warning") for fault in faults)

    def _sampling(self, k: int, of: int) -> Iterator[Sampling]:
        if self._now() - self._last_event >= SAMPLING_EVERY:
            yield Sampling(**self._at().fields(), k=k, of=of)

    def _check_health(self) -> Iterator[Event]:
        """Check weights and chains before the next step, if that is due, and act on the diagnoses."""
        for diagnosis in self._recovery.check_health(self.step):
            if not diagnosis.diverged:
                yield self._run_events.note(diagnosis.why, "warning")
            elif self.config.stability.on_divergence == "ignore":
                yield from self._ignored(diagnosis)
            else:
                yield from self._recover(diagnosis, None)

    def _ignored(self, diagnosis: Diagnosis) -> Iterator[Note]:
        if diagnosis.diverged and self._recovery.watchdog.is_due(diagnosis):
            yield self._run_events.note(f"ignored: {diagnosis.why}", "warning")

    def _recover(self, diagnosis: Diagnosis, slots: Tensor | None) -> Iterator[Event]:
        """Roll back to the last good state before any event is emitted, so that a stop between events leaves a usable run."""
        self._stepper.discard()
        lost, diverged = self.step, Diverged(**self._at().fields(), why=diagnosis.why, numbers=diagnosis.numbers)
        if self._recovery.exhausted:
            yield diverged
            yield from self._end_diverged(diagnosis)
            return
        step, restarted = self._recovery.roll_back(slots)
        self.step, self._reported, self._emitted = step, step, 0
        yield diverged
        yield self._run_events.rolled_back(lost, restarted, self._recovery.attempts, self.config.stability.tries)
        yield from self._checkpoint_writer.replace_void(self.step)
        yield from self._run_events.samples(requested=False)

    def _end_diverged(self, diagnosis: Diagnosis) -> Iterator[Event]:
        """Save a checkpoint of the good state, from which the run can be resumed, and raise DivergenceError."""
        lost, tries, attempts_text = self._at(), self._recovery.attempts, ""
        if self._recovery.can_restore:
            self.step = self._reported = self._recovery.restore()
            attempts_text = f", and {tries} rollbacks to step {self.step:,} did not help"
            yield from (replace(note, **lost.fields()) for note in self._checkpoint_writer.replace_void(self.step))
        raise unrecovered(diagnosis, lost.step, attempts_text)

    def _roll_back(self) -> Iterator[Event]:
        """Roll back to the newest checkpoint on the user's request, with new random streams."""
        try:
            state, warnings = load_newest_checkpoint(self._run_dir, self.learner.buffer.x.device, self._ranks)
        except InputError:
            yield self._run_events.note("there is no checkpoint to roll back to; save one first", "warning")
            return
        yield from (self._run_events.note(warning, "warning") for warning in warnings)
        lost, rollbacks = self.step, self._recovery.rollbacks
        self.load_state_dict(state)
        self._recovery.accept_new_state(rollbacks)
        yield self._run_events.rolled_back(lost)
        yield from self._run_events.samples(requested=False)

    def _pending_report(self) -> Iterator[Event]:
        """Yield the report of this step without the events that were emitted before a stop."""
        if self._reported < self.step:
            for number, event in enumerate(self._report(), start=1):
                if number > self._emitted:
                    self._emitted = number
                    yield event
            self._emitted = 0

    def _report(self) -> Iterator[Event]:
        """Yield what is due after a step; the checkpoint comes last, so that a resumed run does not emit the report again."""
        every = self.config.record
        if self.step % self.learner.batches.steps_per_epoch == 0:
            yield self._run_events.note(f"epoch {self.learner.epoch(self.step)} done", "epoch")
        if self.step % every.samples_every == 0:
            yield from self._run_events.samples(requested=False)
        if self.step % every.evaluate_every == 0:
            yield from self._evaluate()
        self._reported = self.step
        if self.step % every.checkpoint_every == 0 and self.step < self.learner.horizon:
            yield from self._save_if_finite()

    def _save_if_finite(self) -> Iterator[Event]:
        if is_finite(self.learner):
            yield from self._checkpoint_writer.try_to_save(self.step)

    def _finish(self) -> Iterator[Event]:
        if self.step % self.config.record.evaluate_every:
            yield from self._evaluate()
        yield self._run_events.scores("test", self._run_events.test)
        self._final = True
        yield from self._checkpoint_writer.save(self.step)

    def _evaluate(self) -> Iterator[Event]:
        for event in self._run_events.evaluation():
            if isinstance(event, Evaluated):
                self._recovery.watchdog.record_accuracy(event.scores["accuracy"])
            yield event

    def _at(self) -> At:
        self._last_event = self._now()
        return At(self.step, self.step * self.config.train.batch_size, self._last_event)
