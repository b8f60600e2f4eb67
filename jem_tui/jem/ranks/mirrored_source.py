"""Mirrored calls: every call of the source of rank 0 is repeated on the other ranks, so that all sources take the same steps.

Neither `drive` nor a source contains code for this. `Sampling` events depend on the time of a rank, and are left out on every
rank; all other events must be the same everywhere, which each call checks.
"""

from __future__ import annotations

import zlib
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from typing import Protocol

from jem_tui.errors import JemError
from jem_tui.events.commands import Command, InspectChain, ScoreDrawing
from jem_tui.events.run import Event, Sampling, Wait
from jem_tui.jem.ranks.calls import Call, Calls


class EventSource(Protocol):
    """An emitter of events, such as a trainer."""

    def events(self) -> Generator[Event | Wait, None, None]:
        """Yield the events of the run."""
        ...

    def apply(self, command: Command) -> Iterable[Event]:
        """Apply a command between two steps, and return the events that result."""
        ...


class MirroredSource:
    """The source of rank 0: sends each call to the other ranks before its own source receives it."""

    def __init__(self, source: EventSource, calls: Calls) -> None:
        self._source = source
        self._calls = calls
        self._mark = 0

    def events(self) -> Generator[Event, None, None]:
        """Yield the events of the source, each after one call to all ranks. Closing the generator closes all sources."""
        with closing(self._source.events()) as events:
            # The end of a source and an exception in it reach all ranks in the same call
            shared_end = True
            try:
                while True:
                    self._calls.send(Call("pull", self._mark))
                    event = next(without_progress(events), None)
                    if event is None:
                        return
                    self._mark = mark_of(event)
                    shared_end = False
                    yield event
                    shared_end = True
            finally:
                if not shared_end:
                    self._calls.send(Call("close", self._mark))

    def apply(self, command: Command) -> Iterator[Event]:
        """Apply a command on all ranks, and yield the events of this one.

        A question about a chain or a drawing is answered by this rank alone, which exchanges nothing and emits nothing for it.
        """
        if isinstance(command, InspectChain | ScoreDrawing):
            yield from self._source.apply(command)
            return
        self._calls.send(Call("apply", self._mark, command))
        for event in without_progress(self._source.apply(command)):
            self._mark = mark_of(event)
            yield event


def follow(source: EventSource, calls: Calls) -> None:
    """Repeat the calls of rank 0 on this rank until the source of rank 0 has ended. Raises JemError if this rank emits other events."""
    mark = 0
    with closing(source.events()) as events:
        while True:
            call = calls.receive()
            if call.mark != mark:
                raise JemError(
                    "This rank has emitted a different event than rank 0, so the states of the ranks differ.",
                    "Continue from the last checkpoint with --resume, with the same version of all packages on every machine.",
                )
            if call.kind == "close":
                return
            if call.command is not None:
                for event in without_progress(source.apply(call.command)):
                    mark = mark_of(event)
            else:
                following = next(without_progress(events), None)
                if following is None:
                    return
                mark = mark_of(following)


def without_progress(events: Iterable[Event | Wait]) -> Iterator[Event]:
    """Yield the events that must be equal on all ranks."""
    return (event for event in events if not isinstance(event, Sampling | Wait))


def mark_of(event: Event) -> int:
    """Return a number that depends on the class and the step of an event."""
    return zlib.crc32(f"{type(event).__name__} {event.step}".encode())
