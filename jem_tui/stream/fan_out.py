"""Combination of several sinks, and sinks that may fail without harming the run."""

from __future__ import annotations

import errno
import os
import select
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, TextIO

from jem_tui.errors import JemError
from jem_tui.printable import printable

if TYPE_CHECKING:
    from jem_tui.events.run import Event, Note
    from jem_tui.stream.drive import Sink

PATIENCE = 1.0
"""Seconds that a blocked reader has left when a run must be saved."""


def fan_out(*sinks: Sink) -> Sink:
    """Return a sink that passes each event to every sink in order; a failure is raised after all sinks have received the event."""

    def forward(event: Event) -> None:
        failures: list[JemError] = []
        for sink in sinks:
            try:
                sink(event)
            except JemError as error:
                failures.append(error)
        if failures:
            raise failures[0]

    return forward


class StreamSink:
    """A sink that writes to a stream which may fail. The run then continues without it, and stderr and a note report that once."""

    def __init__(self, sink: Sink, stream: TextIO, name: str, report: Callable[[str], None]) -> None:
        self._sink = sink
        self._stream = stream
        self._name = name
        self._report = report
        self._failed = False
        self._busy = False
        self._pending_notes: list[Note] = []

    def __call__(self, event: Event) -> None:
        if self._failed:
            return
        self._busy = True
        try:
            try:
                self._sink(event)
            finally:
                self._busy = False
        # Rich raises SystemExit on a broken pipe
        except (Exception, SystemExit) as error:
            self._busy = False
            self._fail(event, error)

    def pending_notes(self) -> list[Note]:
        """Return the notes since the last call."""
        pending_notes, self._pending_notes = self._pending_notes, []
        return pending_notes

    def abort_blocked_write(self) -> None:
        """Raise, from a signal handler, out of a write that a blocked reader holds up and that would keep the run from being saved."""
        if self._busy and not is_writable(self._stream, PATIENCE):
            raise TimeoutError(errno.ETIMEDOUT, "the process that reads it is blocked")

    def _fail(self, event: Event, error: BaseException) -> None:
        # Importing the events takes 40 ms, too long before the first paint
        from jem_tui.events.run import Note

        self._failed = True
        redirect_to_null(self._stream)
        text = f"{self._name} can no longer be written ({_reason(error)}). The run continues and is recorded."
        self._report(text)
        note = Note(**event.at.fields(), text=printable(text), kind="warning")
        self._pending_notes.append(note)


def is_writable(stream: TextIO, seconds: float) -> bool:
    """Return whether a stream accepts text within `seconds`."""
    try:
        return bool(select.select([], [stream], [], seconds)[1])
    except (OSError, ValueError):
        return True


def redirect_to_null(stream: TextIO) -> None:
    """Redirect a failed stream to the null device, so that its buffered text cannot fail again."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(nowhere, stream.fileno())
        finally:
            os.close(nowhere)


def _reason(error: BaseException) -> str:
    if isinstance(error, SystemExit | BrokenPipeError):
        return "no process reads it"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return f"{type(error).__name__}: {error}"
