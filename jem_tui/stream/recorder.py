"""The recorder: the sink that keeps a run on disk."""

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
from filelock import FileLock
from tensorboard.compat.proto import event_pb2

from jem_tui import __version__
from jem_tui.errors import InputError, JemError, Reason
from jem_tui.events import Diverged, Evaluated, Event, Note, Paused, Rewound, RunStarted, Stopped
from jem_tui.stream import codec
from jem_tui.stream.rundir import RUN_FILE, RunFile, Status, lock_run_dir, read_run_file, write_run_file
from jem_tui.stream.tfevents import EventFileWriter

ERROR_FILE = "error.txt"
FLUSH_SECONDS = 2.0
RUN_FILE_SECONDS = 5.0

_FLUSHED_AT_ONCE = (RunStarted, Note, Evaluated, Diverged, Rewound, Paused)
_STATUS: dict[Reason, Status] = {
    "finished": "finished",
    "stopped": "stopped",
    "interrupted": "interrupted",
    "failed": "failed",
    "refused": "failed",
    "diverged": "diverged",
}


class Recorder:
    """Writes events into `run_dir`, which is made on `RunStarted`: a run that fails while loading leaves nothing behind.

    A write that fails raises one `JemError`; from then on the recorder ignores everything, so that a last `Stopped` can pass.
    """

    def __init__(self, run_dir: Path, argv: Sequence[str], now: Callable[[], float] = time.time) -> None:
        self._run_dir = run_dir
        self._argv = tuple(argv)
        self._now = now
        self._writing: _Writing | None = None
        self._broken = False

    def __call__(self, event: Event) -> None:
        if self._broken or not codec.is_recorded(event):
            return
        try:
            self._record(event)
        except InputError:
            self._broken = True
            raise
        except OSError as error:
            self._broken = True
            if self._writing is not None:
                self._writing.give_up()
            raise JemError(
                f"The run can no longer be recorded in {self._run_dir}: {error.strerror or error}.",
                "Check the free space and that the folder is still there; a run with a checkpoint goes on with --resume.",
            ) from error

    def _record(self, event: Event) -> None:
        if isinstance(event, RunStarted) and self._writing is None:
            self._run_dir.mkdir(parents=True, exist_ok=True)
            lock = lock_run_dir(self._run_dir, new=event.step == 0)
            run = _run_file(self._run_dir, self._argv, event, self._now())
            self._writing = _Writing(self._run_dir, run, lock, self._now)
        if self._writing is None:
            return
        self._writing.write(event)
        if isinstance(event, Stopped):
            self._writing.finish(event)
            self._writing = None


class _Writing:
    """The open files of one run; methods raise OSError."""

    def __init__(self, run_dir: Path, run: RunFile, lock: FileLock, now: Callable[[], float]) -> None:
        self._run_dir = run_dir
        self._lock = lock
        self._run = run
        self._now = now
        self._events = EventFileWriter(run_dir, now)
        self._flushed_at = self._saved_at = now()
        write_run_file(run_dir, run)

    def write(self, event: Event) -> None:
        if isinstance(event, Rewound) or (isinstance(event, RunStarted) and event.step > 0):
            self._events.append(_restart_marker(event))
        self._events.append(codec.encode(event))
        self._run = replace(self._run, step=event.step, images=event.images)
        if isinstance(event, Evaluated):
            self._run = replace(self._run, accuracy=event.scores.get("accuracy", self._run.accuracy))
        now = self._now()
        if isinstance(event, _FLUSHED_AT_ONCE) or now - self._flushed_at >= FLUSH_SECONDS:
            self._events.flush()
            self._flushed_at = now
        if now - self._saved_at >= RUN_FILE_SECONDS:
            self._save(now, "running")

    def finish(self, stopped: Stopped) -> None:
        self._events.close()
        if stopped.details:
            text = f"{stopped.error}\n\n{stopped.details}"
            (self._run_dir / ERROR_FILE).write_text(text, encoding="utf-8", errors="replace")
        self._save(self._now(), _STATUS[stopped.reason])
        self._lock.release()

    def give_up(self) -> None:
        """Let run.json say that the recording failed, if that much can still be written."""
        with suppress(OSError):
            self._save(self._now(), "failed")

    def _save(self, now: float, status: Status) -> None:
        write_run_file(self._run_dir, replace(self._run, updated=now, status=status))
        self._saved_at = now


def _run_file(run_dir: Path, argv: tuple[str, ...], started: RunStarted, now: float) -> RunFile:
    """A new run.json, or that of a resumed run, which keeps how and when the run first began."""
    run = RunFile(
        versions=_versions(),
        argv=argv,
        config=started.config,
        seed=started.seed,
        device=started.device,
        status="running",
        step=started.step,
        images=started.images,
        started=now,
        updated=now,
    )
    if (run_dir / RUN_FILE).exists():
        with suppress(InputError):
            first = read_run_file(run_dir)
            return replace(run, argv=first.argv, started=first.started, accuracy=first.accuracy)
    return run


def _versions() -> dict[str, str]:
    """Versions that the numbers depend on; torch's only if the program uses it."""
    versions = {"jem-tui": __version__, "python": platform.python_version(), "numpy": np.__version__}
    if "torch" in sys.modules:
        versions["torch"] = metadata.version("torch")
    return versions


def _restart_marker(event: RunStarted | Rewound) -> event_pb2.Event:
    """Tells TensorBoard to forget what an earlier attempt recorded beyond this step."""
    start = event_pb2.SessionLog(status=event_pb2.SessionLog.START)
    return event_pb2.Event(wall_time=event.time, step=event.images + 1, session_log=start)
