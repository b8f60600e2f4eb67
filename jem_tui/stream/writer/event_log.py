"""The open files of a recorded run, and their recovery on a full disk or without their folder."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from tensorboard.compat.proto import event_pb2

from jem_tui.atomic_file import NO_ROOM
from jem_tui.energy_meter import EnergyMeter
from jem_tui.errors import InputError, Reason
from jem_tui.events.run import (
    Diverged,
    Energies,
    Evaluated,
    Event,
    Note,
    Paused,
    RankStates,
    RealImages,
    Rewound,
    RunStarted,
    Samples,
    StepDone,
    Stopped,
)
from jem_tui.run_files import ERROR_FILE
from jem_tui.stream.runs.run_dir import RunFile, Status, lock_run_dir, write_run_file
from jem_tui.stream.runs.run_lock import RunLock
from jem_tui.stream.tfevents import codec
from jem_tui.stream.tfevents.event_payload import payload_of
from jem_tui.stream.tfevents.log_tap import NO_TAP, LogTap
from jem_tui.stream.tfevents.records import EventFileWriter
from jem_tui.stream.writer.outage import Outage

FLUSH_SECONDS = 2.0
RUN_FILE_SECONDS = 5.0
MOST_KEPT = 32 << 20
"""Maximum bytes of events that wait in memory while they cannot be written; beyond them, steps and samples are lost."""

_FLUSHED_AT_ONCE = (RunStarted, Note, Evaluated, Diverged, Rewound, Paused, Stopped)
_MAY_BE_LOST = (StepDone, Samples, Energies, RankStates, RealImages)
_STATUS: dict[Reason, Status] = {
    "finished": "finished",
    "stopped": "stopped",
    "interrupted": "interrupted",
    "failed": "failed",
    "refused": "failed",
    "diverged": "diverged",
}


class EventLog:
    """A writer of a run's events and its `run.json` that retries failed writes with every flush.

    The constructor raises OSError; the methods do not.
    """

    def __init__(
        self,
        run_dir: Path,
        started: RunStarted,
        run: RunFile,
        lock: RunLock,
        now: Callable[[], float] = time.time,
        tap: LogTap = NO_TAP,
    ) -> None:
        self.outage = Outage(run_dir)
        self._run_dir = run_dir
        self._run = run
        self._energy_before = run.energy_joules
        self._meter = EnergyMeter(run.device)
        self._lock = lock
        self._now = now
        self._started = started
        self._step, self._images = started.step, started.images
        self._safe = started.step
        """The last step that reached the disk."""
        self._file_is_bad = False
        resumed = any(run_dir.glob("*tfevents*"))
        self._events = EventFileWriter(run_dir, now, tap)
        self._flushed_at = now()
        if resumed:
            self._events.append(_restart_marker(started))
        self._events.append(codec.encode(started))
        self._events.flush()
        self._save()

    def write(self, event: Event) -> None:
        """Add an event, which is flushed within `FLUSH_SECONDS`; events of some kinds are flushed at once."""
        self._step, self._images = event.step, event.images
        if isinstance(event, Evaluated) and "accuracy" in event.scores:
            self._run = replace(self._run, accuracy=event.scores["accuracy"], accuracy_split=event.split)
        if isinstance(event, Stopped):
            self._run = replace(self._run, status=_STATUS[event.reason])
        if self.outage.is_active and self._events.pending > MOST_KEPT and isinstance(event, _MAY_BE_LOST):
            self.outage.lose(event)
        else:
            self._append(event)
        if isinstance(event, _FLUSHED_AT_ONCE) or self._now() - self._flushed_at >= FLUSH_SECONDS:
            self.flush(event)

    def close(self, stopped: Stopped) -> None:
        """Write the end of the run if that is possible, and release the lock."""
        if self.outage.is_active:
            with suppress(OSError):
                self._save()
        with suppress(OSError):
            self._events.close()
        if stopped.details:
            text = f"{stopped.error}\n\n{stopped.details}"
            with suppress(OSError):
                (self._run_dir / ERROR_FILE).write_text(text, encoding="utf-8", errors="replace")
        self._lock.release()

    def _append(self, event: Event) -> None:
        if isinstance(event, Rewound):
            self._events.append(_restart_marker(event))
        self._events.append_payload(payload_of(event))

    def flush(self, event: Event) -> None:
        """Write all events up to this one, and begin or end an outage by the result."""
        now = self._flushed_at = self._now()
        try:
            self._find_place(event)
            self._events.flush()
            self._safe = event.step
            if self.outage.is_active or isinstance(event, Stopped) or now - self._saved_at >= RUN_FILE_SECONDS:
                self._save()
        except OSError as error:
            self._file_is_bad = error.errno not in NO_ROOM
            # A file, not a folder, has the name of the run folder
            taken = isinstance(error, FileExistsError)
            self.outage.begin(event, "a file is in its place" if taken else error.strerror or str(error))
        except InputError as error:
            self.outage.begin(event, error.message.rstrip("."))
        else:
            self._file_is_bad = False
            self.outage.end(event)

    def _find_place(self, event: Event) -> None:
        """Continue in a new file if the old file was removed or cannot be written, in a new folder if the folder was removed."""
        if self._events.is_astray():
            self._run_dir.mkdir(parents=True, exist_ok=True)
            self._lock.release()
            self._lock = lock_run_dir(self._run_dir, new=False)
            others = any(self._run_dir.glob("*tfevents*"))
            self._events.begin_new_file(*() if others else (codec.encode(self._started),))
            self._saved_at = 0.0
            self.outage.removed(event, None if others else (self._started.step, self._safe))
        elif self._file_is_bad:
            self._events.begin_new_file()

    def _save(self) -> None:
        now = self._now()
        self._run = replace(
            self._run, step=self._step, images=self._images, updated=now, energy_joules=self._energy_joules()
        )
        write_run_file(self._run_dir, self._run)
        self._saved_at = now

    def _energy_joules(self) -> float | None:
        """Return the energy of all sessions of the run; None if that of one is unknown."""
        now = self._meter.total()
        return None if now is None or self._energy_before is None else self._energy_before + now


def _restart_marker(event: RunStarted | Rewound) -> event_pb2.Event:
    """Make a session start, on which TensorBoard discards what an earlier attempt recorded beyond this step."""
    start = event_pb2.SessionLog(status=event_pb2.SessionLog.START)
    return event_pb2.Event(wall_time=event.time, step=event.images + 1, session_log=start)
