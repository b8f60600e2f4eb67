"""A source wrapper that adds events of other parts of the program, such as the recorder."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import closing

from jem_tui.events.commands import Command
from jem_tui.events.run import Event, Note, ReportProgress, RunStarted, Sampling, Wait
from jem_tui.stream.drive import OpenSource, Source

PendingNotes = Callable[[], Iterable[Event]]
"""A function that returns the events since its last call."""


def inject_notes(open_source: OpenSource, pending_notes: PendingNotes) -> OpenSource:
    """Wrap a source and emit the pending notes after each of its events."""

    def open_both(report: ReportProgress) -> Source:
        # A Sampling event is emitted within a step
        return EventInjector(open_source(report), lambda event: () if isinstance(event, Sampling) else pending_notes())

    return open_both


def inject_warnings(open_source: OpenSource, sentences: Sequence[str]) -> OpenSource:
    """Wrap a source and emit each sentence once as a note, after the start of the run."""
    left = list(sentences)

    def after(event: Event) -> Iterable[Event]:
        while left and isinstance(event, RunStarted):
            yield Note(step=event.step, images=event.images, time=event.time, text=left.pop(0), kind="warning")

    return lambda report: EventInjector(open_source(report), after)


class EventInjector:
    """A source that emits, after each event of another source, the events that `after` returns."""

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
