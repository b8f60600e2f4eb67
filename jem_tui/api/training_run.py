"""The run behind the iterator of `jem_tui.train`: one source, its recorder, and the events that the caller has not taken."""

from __future__ import annotations

import signal
import threading
from collections import deque
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from types import FrameType

from jem_tui.api.leading_rank import LeadingRank
from jem_tui.errors import EXIT_CODES, JemError, Reason
from jem_tui.events.commands import Command, Stop
from jem_tui.events.run import Event, Loading, Stopped
from jem_tui.stream.attach.attachable_recorder import AttachableRecorder
from jem_tui.stream.drive import Ending, OpenSource, drive_by_event
from jem_tui.stream.inject_events import inject_notes
from jem_tui.stream.writer.recorder import Recorder


class TrainingRun:
    """A recorded run that advances event by event. Any thread may advance or end it, one at a time."""

    def __init__(self, open_source: OpenSource, run_dir: Path, door: bool) -> None:
        self.commands: SimpleQueue[Command] = SimpleQueue()
        words = ["jem_tui.train"]
        self._record = AttachableRecorder(run_dir, words, self.commands.put) if door else Recorder(run_dir, words)
        self._pending: deque[Event] = deque()
        """Events that are recorded and that the caller has not taken."""
        self._error: BaseException | None = None
        """The exception that the caller receives after the last event."""
        self._interrupted = False
        self._begun = False
        self._lock = threading.RLock()
        """Held by the thread that advances the run."""
        self._inside_step = False
        """True for the thread that holds the lock if it has interrupted its own step."""
        self._last: Event | None = None
        self._lead = open_source if isinstance(open_source, LeadingRank) else None
        if self._lead is not None:
            self._lead.send = self.commands.put
        opener = inject_notes(open_source, self._record.pending_notes)
        self._drive: Generator[None, None, Ending] | None = drive_by_event(opener, self._take, self.commands)

    def next_event(self) -> Event:
        """Advance the run to its next event. Raises StopIteration after the last one, or once the error that ended the run."""
        with self._lock:
            while not self._pending and self._drive is not None:
                with self._interruptions():
                    self._advance()
            if self._pending:
                return self._pending.popleft()
            error, self._error = self._error or StopIteration(), None
            raise error

    def end(self, reason: Reason) -> None:
        """Save and end the run, unless it has ended; a run that has not begun does not begin.

        From a signal handler or from code that the step calls, only request the end, which follows the step.
        """
        self.commands.put(Stop(save=True, reason=reason))
        with self._lock:
            if not self._begun:
                self._drive = None
            if self._inside_step:
                return
            while self._drive is not None:
                self._advance()
            self._pending.clear()
            self._error = None

    def _advance(self) -> None:
        """Take the run to its next event or to its end."""
        assert self._drive is not None
        if self._inside_step:
            raise RuntimeError("A step cannot take the next step of its own run.")
        self._begun = self._inside_step = True
        try:
            next(self._drive)
        except StopIteration as end:
            self._drive = None
            ending: Ending = end.value
            if self._lead is not None:
                self._lead.finish(EXIT_CODES[ending.stopped.reason])
            self._error = KeyboardInterrupt() if self._interrupted else _error_of(ending)
        except BaseException:
            self._abandon()
            raise
        finally:
            self._inside_step = False

    def _abandon(self) -> None:
        """Record the end of a run that a second interruption has ended inside a step."""
        self._drive = None
        if self._last is not None:
            self._take(Stopped(**self._last.at.fields(), reason="interrupted"))
        self._pending.clear()

    def _take(self, event: Event) -> None:
        self._record(event)
        if not isinstance(event, Loading):
            self._last = event
            self._pending.append(event)

    @contextmanager
    def _interruptions(self) -> Iterator[None]:
        """Request a save and a stop at the first Ctrl-C, where Python would raise KeyboardInterrupt inside the step."""
        if not _is_interruptible():
            yield
            return
        signal.signal(signal.SIGINT, self._interrupt)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, signal.default_int_handler)

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        if self._interrupted:
            raise KeyboardInterrupt
        self._interrupted = True
        self.commands.put(Stop(save=True, reason="interrupted"))


def _error_of(ending: Ending) -> Exception | None:
    """Return the exception that ended a run, or one for a recorder that failed at the end."""
    return ending.failure or (JemError(ending.stopped.error) if ending.stopped.error else None)


def _is_interruptible() -> bool:
    main = threading.current_thread() is threading.main_thread()
    return main and signal.getsignal(signal.SIGINT) is signal.default_int_handler
