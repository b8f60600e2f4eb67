"""The fate of a run whose door does not answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from jem_tui.errors import JemError
from jem_tui.events.event import At
from jem_tui.events.run import Event, Rewound, RunStarted, Stopped
from jem_tui.printable import printable
from jem_tui.stream.attach.door_file import is_live, read_door
from jem_tui.stream.attach.run_log import RunLog
from jem_tui.stream.runs.run_lock import is_being_written
from jem_tui.watched_settings import is_watched

PATIENCE = 60.0
"""Seconds in which a run that died may be resumed before its viewers end."""


class LostRun:
    """A run of this machine that a viewer has lost. It is alive, has ended, or is dead and may be resumed."""

    def __init__(self, run_dir: Path, log: RunLog, clock: Callable[[], float] = time.monotonic) -> None:
        self._run_dir = run_dir
        self._log = log
        self._clock = clock
        self._dead_since: float | None = None

    @property
    def is_dead(self) -> bool:
        """True if no process trains the run and none has recorded its end, as of the last `has_ended`."""
        return self._dead_since is not None

    def found(self) -> None:
        """Count a run that is connected as alive."""
        self._dead_since = None

    def has_ended(self) -> bool:
        """Return whether the run has recorded its end, or has been dead for `PATIENCE` seconds."""
        if is_alive(self._run_dir):
            self.found()
            return False
        now = self._clock()
        self._dead_since = self._dead_since or now
        try:
            return self._log.is_complete() or now - self._dead_since >= PATIENCE
        except (JemError, OSError, MemoryError):
            return now - self._dead_since >= PATIENCE

    def last_events(self, at: At) -> Iterator[Event]:
        """Yield the whole run up to a `Stopped`. Without a recorded end, `at` is the last known moment of the run."""
        hint, reached = "", At(0, 0, 0.0)
        try:
            for event in self._log.whole():
                yield event
                # The newest samples follow the steps after them
                is_last = event.step >= reached.step or isinstance(event, Rewound)
                at = reached = event.at if is_last else reached
                if isinstance(event, RunStarted):
                    hint = resumption(event, self._run_dir)
                if isinstance(event, Stopped):
                    return
            end = "has ended without recording its end"
        except (JemError, OSError, MemoryError) as error:
            end = f"no longer exists, and its log cannot be read: {error}"
        text = f"The process of the run {end.rstrip('.')}. {hint}".rstrip()
        yield Stopped(**at.fields(), reason="interrupted", error=printable(text))


def resumption(started: RunStarted, run_dir: Path) -> str:
    """Return the sentence on how a run continues: a watched loop by its own script, other runs by their checkpoints."""
    if is_watched(started.config):
        return "Start its script again with resume=True in jem_tui.watch to continue it."
    return f"Resume it with jem-tui train --resume {run_dir}."


def death() -> str:
    """Return the sentence on a run that has died and may still be resumed."""
    return f"The process of the run has died. Resume it within {PATIENCE:.0f} s, and the viewer reconnects."


def is_alive(run_dir: Path) -> bool:
    """Return whether a process writes into a run folder or answers at its door."""
    if is_being_written(run_dir):
        return True
    door = read_door(run_dir)
    return door is not None and is_live(door)
