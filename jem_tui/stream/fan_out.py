"""Several sinks as one, and sinks that may fail without hurting the run."""

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
"""Seconds that a reader gets to read on when a run is to be saved."""


def fan_out(*sinks: Sink) -> Sink:
    """A sink that passes each event to every one in turn; one that fails is reported after the others were served."""

    def pass_on(event: Event) -> None:
        failures: list[JemError] = []
        for sink in sinks:
            try:
                sink(event)
            except JemError as error:
                failures.append(error)
        if failures:
            raise failures[0]

    return pass_on


class StreamSink:
    """A sink that shows a run on a stream which may fail: the run continues without it, and stderr and a note say so once."""

    def __init__(self, sink: Sink, stream: TextIO, name: str, say: Callable[[str], None]) -> None:
        self._sink = sink
        self._stream = stream
        self._name = name
        self._say = say
        self._lost = False
        self._busy = False
        self._pending_notes: list[Note] = []

    def __call__(self, event: Event) -> None:
        if self._lost:
            return
        self._busy = True
        try:
            try:
                self._sink(event)
            finally:
                self._busy = False
        # Rich ends the program for a broken pipe
        except (Exception, SystemExit) as error:
            self._busy = False
            self._lose(event, error)

    def pending_notes(self) -> list[Note]:
        """Return the notes since the last call."""
        pending_notes, self._pending_notes = self._pending_notes, []
        return pending_notes

    def give_up_waiting(self) -> None:
        """Raise, from within a signal handler, out of a write whose reader does not read: the run could not be saved."""
        if self._busy and not takes_text(self._stream, PATIENCE):
            raise TimeoutError(errno.ETIMEDOUT, "its reader does not read")

    def _lose(self, event: Event, error: BaseException) -> None:
        # 40 ms that a screen does without before its first paint
        from jem_tui.events.run import Note

        self._lost = True
        drop(self._stream)
        text = f"{self._name} cannot be written any more ({_reason(error)}). The run continues and is recorded."
        self._say(text)
        note = Note(**event.at.fields(), text=printable(text), kind="warning")
        self._pending_notes.append(note)


def takes_text(stream: TextIO, seconds: float) -> bool:
    """Return whether a write would wait for a reader for at most so many seconds."""
    try:
        return bool(select.select([], [stream], [], seconds)[1])
    except (OSError, ValueError):
        return True


def drop(stream: TextIO) -> None:
    """Point a failed stream at the null device, so that what is left in its buffer cannot fail again."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(nowhere, stream.fileno())
        finally:
            os.close(nowhere)


def _reason(error: BaseException) -> str:
    if isinstance(error, SystemExit | BrokenPipeError):
        return "nobody reads it"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return f"{type(error).__name__}: {error}"
