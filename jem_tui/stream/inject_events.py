"""A source that also tells what others have to say, such as the recorder."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from contextlib import closing

from jem_tui.events.commands import Command
from jem_tui.events.run import Event, ReportProgress, Sampling, Wait
from jem_tui.stream.drive import OpenSource, Source

PendingNotes = Callable[[], Iterable[Event]]
"""What has come up since the last call."""


def inject_notes(open_source: OpenSource, pending_notes: PendingNotes) -> OpenSource:
    """The same source, and after each of its events what `pending_notes` tells by then."""

    def open_both(report: ReportProgress) -> Source:
        # during a Sampling, the step that it is in the middle of goes on
        return EventInjector(open_source(report), lambda event: () if isinstance(event, Sampling) else pending_notes())

    return open_both


class EventInjector:
    """A source, and `after` each of its events what is to be told then."""

    def __init__(self, source: Source, after: Callable[[Event], Iterable[Event]]) -> None:
        self._source = source
        self._after = after

    def events(self) -> Generator[Event | Wait, None, None]:
        with closing(self._source.events()) as events:
            for event in events:
                yield event
                if not isinstance(event, Wait):
                    yield from self._after(event)

    def apply(self, command: Command) -> Iterable[Event]:
        return self._source.apply(command)
