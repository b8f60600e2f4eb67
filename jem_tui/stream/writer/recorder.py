"""The sink that records a run on disk."""

from __future__ import annotations

import platform
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from importlib import metadata
from pathlib import Path

import numpy as np

from jem_tui.errors import InputError, JemError
from jem_tui.events.run import Event, Note, RunStarted, Saving, Stopped
from jem_tui.printable import printable
from jem_tui.run_files import RUN_FILE
from jem_tui.stream.runs.run_dir import RunFile, lock_run_dir, mark_ended, read_run_file
from jem_tui.stream.tfevents import codec
from jem_tui.stream.tfevents.log_tap import NO_TAP, LogTap
from jem_tui.stream.writer.event_log import EventLog
from jem_tui.version import __version__


class Recorder:
    """A sink that writes events into `run_dir`, which it creates on `RunStarted`: a run that fails while loading leaves nothing behind.

    A run that cannot be begun there raises one JemError, after which only the last `Stopped` may follow. A later failed write
    ends nothing: `pending_notes` reports it, the events are kept, and the write is retried. `tap` receives what the log gains.
    """

    def __init__(
        self, run_dir: Path, argv: Sequence[str], now: Callable[[], float] = time.time, tap: LogTap = NO_TAP
    ) -> None:
        self._run_dir = run_dir
        self._argv = tuple(argv)
        self._now = now
        self._tap = tap
        self._resumes = (run_dir / RUN_FILE).exists()
        self._log: EventLog | None = None
        self._closed = False
        self._loss_summary = ""

    @property
    def loss_summary(self) -> str:
        """A sentence on what the recording lacks because writes failed; "" if no write has failed."""
        return self._log.outage.loss_summary if self._log is not None else self._loss_summary

    def pending_notes(self) -> list[Note]:
        """Return the notes on the recording itself since the last call."""
        return self._log.outage.pending_notes() if self._log is not None else []

    def __call__(self, event: Event) -> None:
        if isinstance(event, Saving) and self._log is not None:
            self._log.flush(event)
        if self._closed or not codec.is_recorded(event):
            return
        if self._log is not None:
            self._log.write(event)
        elif isinstance(event, RunStarted):
            self._begin(event)
        if isinstance(event, Stopped) and self._log is not None:
            self._log.close(event)
            self._loss_summary = self._log.outage.loss_summary
            self._log, self._closed = None, True

    def abandon(self) -> None:
        """Mark the run in run.json as interrupted, for a process that exits at once. Does nothing before the run has begun."""
        if self._log is not None:
            mark_ended(self._run_dir, "interrupted")

    def _begin(self, started: RunStarted) -> None:
        self._closed = True
        try:
            self._run_dir.mkdir(parents=True, exist_ok=True)
            lock = lock_run_dir(self._run_dir, new=not self._resumes)
            run = _run_file(self._run_dir, self._argv, started, self._now())
            self._log = EventLog(self._run_dir, started, run, lock, self._now, self._tap)
        except OSError as error:
            raise JemError(
                f"The run cannot be recorded in {printable(str(self._run_dir))}: {error.strerror or error}.",
                "Check the free space, or choose another folder with --run-dir.",
            ) from error
        self._closed = False


def _run_file(run_dir: Path, argv: tuple[str, ...], started: RunStarted, now: float) -> RunFile:
    """Make a new run.json, or continue that of a resumed run with its first command line and time."""
    run = RunFile(
        versions=_versions(),
        argv=argv,
        config=started.config,
        seed=started.seed,
        device=started.device,
        dataset=started.dataset,
        status="running",
        step=started.step,
        images=started.images,
        started=now,
        updated=now,
        energy_joules=0.0,
    )
    if (run_dir / RUN_FILE).exists():
        with suppress(InputError):
            first = read_run_file(run_dir)
            scored = replace(run, accuracy=first.accuracy, accuracy_split=first.accuracy_split)
            return replace(scored, energy_joules=first.energy_joules, argv=first.argv, started=first.started)
    return run


def _versions() -> dict[str, str]:
    """Return the versions that the numbers depend on, torch's only if the program uses torch."""
    versions = {"jem-tui": __version__, "python": platform.python_version(), "numpy": np.__version__}
    if "torch" in sys.modules:
        versions["torch"] = metadata.version("torch")
    return versions
