"""The events of a watched loop and its answers to commands, in the order of recording. The caller holds the lock of the run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from queue import SimpleQueue

from jem_tui.errors import StopTraining
from jem_tui.events.commands import Command, Stop
from jem_tui.events.run import Event, Note, NoteKind, StepDone
from jem_tui.printable import printable
from jem_tui.stream.run_control import RunControl
from jem_tui.watching.answers import Answers
from jem_tui.watching.ending import ending
from jem_tui.watching.run_facts import RunFacts
from jem_tui.watching.run_output import RunOutput
from jem_tui.watching.sample_source import SampleBatch, SampleSource
from jem_tui.watching.step_images import StepImages


class LoopRecording:
    """A recording that begins with the first step of the loop."""

    def __init__(
        self,
        facts: RunFacts,
        source: SampleSource,
        *,
        door: bool,
        quiet: bool,
        now: Callable[[], float],
    ) -> None:
        self.commands: SimpleQueue[Command] = SimpleQueue()
        """Commands of viewers; a signal handler may enqueue one."""
        self.position = StepImages(facts.step, facts.images)
        self.answers = Answers(self.position, source, now)
        self.begun = False
        self.stop: Stop | None = None
        """The request of a viewer or a signal that ends the loop."""
        self._facts = facts
        self._source = source
        self._sampled_at = -1
        """The step at which samples were recorded last; -1 before."""
        self._output = RunOutput(facts.run_dir, self.commands.put if door else None, quiet=quiet)
        self._control = RunControl(self._output, self.commands, now)
        self._carrying_out = False
        self._early_notes: list[tuple[str, NoteKind]] = []

    def begin(self) -> None:
        """Begin the recording, unless it has begun. Raises JemError where the run folder cannot be written."""
        if self.begun:
            return
        answers = self.answers
        self._control.forward(self._facts.started(answers.at(), answers.abilities, answers.knobs.values()))
        self.begun = True
        self._forward_early_notes()
        self._record_due_samples()

    def step(self, images: int, metrics: Mapping[str, float]) -> None:
        """Record a step, then carry out the commands that wait. Raises StopTraining where one ends the loop."""
        if self._carrying_out:
            raise RuntimeError("A handler cannot take a step of the run that it belongs to.")
        self.begin()
        self.position.advance(images)
        epoch = self._facts.epoch(self.position.step)
        self._control.forward(StepDone(**self.answers.at().fields(), epoch=epoch, metrics=metrics))
        self._carry_out_commands()

    def offer(self, batch: SampleBatch) -> None:
        """Keep images, and emit them where a viewer waits for them or a recording is due."""
        self._source.keep(batch)
        if self.begun and not self._carrying_out:
            self._record_due_samples()
        if self._carrying_out or self.answers.owes_samples:
            self.forward(self.answers.samples(requested=True))

    def note(self, text: str, kind: NoteKind) -> None:
        """Record a note; before the first step, with the first step."""
        self._early_notes.append((text, kind))
        if self.begun:
            self._forward_early_notes()

    def forward(self, events: Iterable[Event]) -> None:
        """Record events of the loop."""
        for event in events:
            self._control.forward(event)

    def finish(self, error: BaseException | None, *, interrupted: bool) -> None:
        """Record the end of a loop that was left with `error`, or normally with None; nothing before the first step."""
        if self.begun:
            stopped = ending(error, self._control, self.stop, interrupted=interrupted)
            if self.stop is not None and self.stop.save and not stopped.error:
                stopped = replace(stopped, error=self.answers.save_failure)
            self._control.finish(stopped)

    def _carry_out_commands(self) -> None:
        self._carrying_out = True
        try:
            self.stop = self.stop or self._control.apply_pending(self.answers.apply)
        finally:
            self._carrying_out = False
        self.forward(self._output.pending_notes())
        if self.stop is not None:
            raise StopTraining(f"The run was stopped at step {self.position.step}.")

    def _record_due_samples(self) -> None:
        """Record the first images at once, so that viewers learn early that there are samples; later ones at their interval."""
        step = self.position.step
        if not self._source.every or not self._source or step == self._sampled_at:
            return
        if self._sampled_at < 0 or step % self._source.every == 0:
            self._sampled_at = step
            self.forward(self.answers.samples(requested=False))

    def _forward_early_notes(self) -> None:
        waiting, self._early_notes = self._early_notes, []
        self.forward(Note(**self.answers.at().fields(), text=printable(text), kind=kind) for text, kind in waiting)
