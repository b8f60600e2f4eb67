"""A source of events that sends its own process a signal in a chosen phase."""

from __future__ import annotations

import signal
from collections.abc import Generator, Iterable
from pathlib import Path

from jem_tui.events.commands import Command, SaveNow
from jem_tui.events.run import Event, Note, ReportProgress, Sampling, Wait
from tests.stream.stream_events import evaluated, started, step_done

STEPS = 4


class SignalledTraining:
    """A source of `STEPS` steps that raises a signal once, when it reaches a phase, and saves like the trainer."""

    def __init__(self, run_dir: Path, phase: str = "", number: int = 0) -> None:
        self._run_dir = run_dir
        self._phase = phase
        self._number = number
        self._step = 0

    def open(self, report: ReportProgress) -> SignalledTraining:
        """Report two stages of loading; return the source."""
        report("importing torch", None)
        self._reach("importing")
        report("reading", 0.5)
        return self

    def events(self) -> Generator[Event | Wait, None, None]:
        """Yield the start and each step with its sampling, evaluation and checkpoint."""
        self._reach("before the first event")
        yield started(total_steps=STEPS)
        for step in range(1, STEPS + 1):
            self._reach(f"before step {step}")
            for k in range(3):
                yield Sampling(step=step - 1, images=0, time=0.0, k=k, of=3)
                self._reach(f"within step {step}")
            self._step = step
            yield step_done(step)
            self._reach(f"evaluating at step {step}")
            yield evaluated(step)
            self._reach(f"saving at step {step}")
            yield self._save()
            yield Wait(0.0)

    def apply(self, command: Command) -> Iterable[Event]:
        """Save a checkpoint, the only command that is expected."""
        assert isinstance(command, SaveNow)
        yield self._save()

    def _save(self) -> Note:
        folder = self._run_dir / "checkpoints"
        folder.mkdir(exist_ok=True)
        (folder / f"step_{self._step:06d}.pt").touch()
        return Note(step=self._step, images=0, time=0.0, text="checkpoint saved", kind="checkpoint")

    def _reach(self, phase: str) -> None:
        if phase == self._phase:
            self._phase = ""
            signal.raise_signal(self._number)
