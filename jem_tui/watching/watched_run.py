"""A training loop of another program as a run."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from jem_tui.errors import StopTraining
from jem_tui.events.commands import Command, SaveNow, Stop
from jem_tui.events.run import NoteKind
from jem_tui.watching.call_lock import CallLock
from jem_tui.watching.handlers import evaluation
from jem_tui.watching.knobs import make_knob
from jem_tui.watching.loop_recording import LoopRecording
from jem_tui.watching.metric_values import as_count, as_metrics
from jem_tui.watching.process_end import ProcessEnd
from jem_tui.watching.run_facts import RunFacts
from jem_tui.watching.sample_source import SampleBatch, SampleSource
from jem_tui.watching.stop_signals import StopSignals

PATIENCE = 1.0
"""Seconds that the end of a run waits for a step in another thread."""


class WatchedRun:
    """A run of a training loop: recorded in a folder, displayed and steered by viewers. `jem_tui.watch` makes one.

    `step` is called after each step; it may block while the run is paused. All methods may be called from any thread.
    On ranks above 0 no method has an effect.
    """

    def __init__(
        self,
        facts: RunFacts,
        source: SampleSource,
        *,
        active: bool,
        signals: bool,
        door: bool,
        quiet: bool,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Prepare a run that begins with the first step. The arguments are those of `jem_tui.watch`."""
        self._run_dir = facts.run_dir
        self._active, self._closed = active, False
        self._recording = LoopRecording(facts, source, door=door, quiet=quiet, now=now)
        self._lock = CallLock()
        self._signals = StopSignals(self.send, self._stops_later)
        self._process_end = ProcessEnd(self)
        if active:
            self._process_end.expect()
            if signals:
                self._signals.install()

    @property
    def run_dir(self) -> Path:
        """The run folder, which the first step creates."""
        return self._run_dir

    @property
    def steps(self) -> int:
        """Steps done, including those of earlier sessions."""
        return self._recording.position.step

    @property
    def active(self) -> bool:
        """True until the end of the run; always False on ranks above 0."""
        return self._active

    def knob(
        self,
        name: str,
        get: Callable[[], Any],
        set: Callable[[Any], Any],
        *,
        factor: float | None = None,
        increment: float | None = None,
        low: float = -math.inf,
        high: float = math.inf,
    ) -> None:
        """Offer a setting that viewers can change: one increment multiplies it by `factor` (1.25) or adds `increment`.

        Values stay within `low` and `high`. `get` returns a number; an int is set as an int. Raises ValueError or TypeError for a
        knob that cannot work, and RuntimeError after the first step.
        """
        self._refuse_after_begin()
        self._recording.answers.knobs.add(make_knob(name, get, set, factor, increment, low, high))

    def on(self, command: type[Command], handler: Callable[..., Any]) -> None:
        """Register the function that carries out a command, which viewers then offer.

        `handler` gets the command if it has a required parameter. What it returns is the answer: for `SaveNow` the path of the
        checkpoint, None, or False where the loop saves later, for `RollBack` the step of the state that it has restored, for `EvaluateNow` a mapping of scores or
        None, for `Reseed` a description or None, for `SampleNow` images or None. An exception in it becomes a note.
        Raises ValueError or TypeError for another command or function, and RuntimeError after the first step.
        """
        self._refuse_after_begin()
        self._recording.answers.handlers.add(command, handler)

    def step(self, values: Mapping[str, Any] | None = None, /, *, images: int = 1, **metrics: Any) -> None:
        """Record one step and its metrics, and carry out the commands of viewers; blocks while the run is paused.

        `values` and `metrics` hold numbers by name: Python numbers, numpy scalars, tensors with one element. `images` is the
        number of training images in the step. Raises StopTraining where a viewer ends the run, TypeError or ValueError for
        values that are not numbers, RuntimeError after the end, and JemError where the run folder cannot be written at all.
        """
        if self._closed:
            raise RuntimeError("The run has ended; no step can follow.")
        if not self._active:
            return
        numbers = as_metrics({**values, **metrics} if values else metrics)
        seen = as_count(images)
        with self._lock:
            try:
                self._recording.step(seen, numbers)
            except StopTraining:
                self._signals.leave()
                raise

    def samples(
        self, images: Any, *, energy: Any = None, predicted: Any = None, confidence: Any = None, age: Any = None
    ) -> None:
        """Offer images as samples: the first and every `samples_every` steps recorded, others displayed when a viewer asks for them.

        `images` are an array or tensor of shape (n, channels, height, width), (n, height, width, channels) or (n, height, width),
        or a function that returns one, which is called only when needed. The other arguments have the shape (n,): the energy
        of each image, its predicted class with its probability, and the SGLD steps since its chain began. Images that
        cannot be displayed raise no exception but add one note. The newest images stay in memory.
        """
        if not self._active:
            return
        batch = SampleBatch(images=images, energy=energy, predicted=predicted, confidence=confidence, age=age)
        with self._lock:
            self._recording.offer(batch)

    def note(self, text: str, kind: NoteKind = "info") -> None:
        """Add a line to the notes of the run, and a mark to its charts."""
        if self._active:
            with self._lock:
                self._recording.note(text, kind)

    def evaluated(self, scores: Mapping[str, Any], split: str = "validation") -> None:
        """Record scores on images that the loop does not train on, such as {"accuracy": 0.93}, by name."""
        if self._active:
            with self._lock:
                self._recording.begin()
                self._recording.forward([evaluation(split, scores, self._recording.answers.at())])

    def send(self, command: Command) -> None:
        """Enqueue a command as a viewer does; the next step carries it out, or a step that waits in a pause."""
        self._recording.commands.put(command)

    def close(self) -> None:
        """Close the run: as finished, or as stopped after a `StopTraining`. Further calls have no effect."""
        self._end(None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        """Close the run, record how it ended, and swallow a `StopTraining` only."""
        self._end(error)
        return isinstance(error, StopTraining)

    def _end(self, error: BaseException | None) -> None:
        """Record the end of the run, once; a step that another thread is in has `PATIENCE` seconds to return."""
        if not self._active:
            return
        alone = self._lock.acquire(0.0)
        if not alone:
            self.send(Stop(save=False))
            alone = self._lock.acquire(PATIENCE)
        try:
            self._active, self._closed = False, True
            self._signals.restore()
            self._process_end.forget()
            self._recording.finish(error, interrupted=self._signals.interrupted)
        finally:
            if alone:
                self._lock.release()

    def _leave_to_parent(self) -> None:
        """Deactivate the run in a forked child, which a signal ends at once as if there were no run."""
        self._active = False
        self._signals.restore()

    def _stops_later(self) -> bool:
        """Return whether a signal waits for the end of the step: to save, or because the log must not be interrupted."""
        can_save = self._recording.begun and SaveNow in self._recording.answers.handlers
        return self._active and (self._lock.held or can_save)

    def _refuse_after_begin(self) -> None:
        if self._recording.begun:
            raise RuntimeError("Knobs and handlers must be registered before the first step of the run.")
