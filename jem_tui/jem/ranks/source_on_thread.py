"""A source whose methods run on one thread, and whose events are emitted on another."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from typing import Any, Protocol

from jem_tui.events.commands import Command
from jem_tui.events.run import Event


class CallOnThread(Protocol):
    """A function that calls another one on a certain thread, and returns its result or raises its exception."""

    def __call__(self, task: Callable[[], Any], /) -> Any: ...


class SourceOnThread:
    """Emits the events of a source, which only one thread uses, on any other thread, which can stop waiting for it."""

    def __init__(
        self,
        events: Callable[[], Generator[Event, None, None]],
        apply: Callable[[Command], Iterable[Event]],
        call: CallOnThread,
    ) -> None:
        """Prepare to use a source, given by its two methods, through `call`."""
        self._events = events
        self._apply = apply
        self._call = call

    def events(self) -> Generator[Event, None, None]:
        """Yield the events of the source."""
        events: Generator[Event, None, None] = self._call(self._events)
        try:
            yield from self._each(events)
        finally:
            self._call(events.close)

    def apply(self, command: Command) -> Iterator[Event]:
        """Apply a command, and yield the events that result."""
        return self._each(self._call(lambda: iter(self._apply(command))))

    def _each(self, events: Iterator[Event]) -> Iterator[Event]:
        while (event := self._call(lambda: next(events, None))) is not None:
            yield event
