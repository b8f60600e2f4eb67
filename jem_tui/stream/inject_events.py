"""A source that also tells what others have to say, such as the recorder."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from contextlib import closing

from jem_tui.events.commands import Command
from jem_tui.events.run import Event, Sampling, Wait
from jem_tui.stream.drive import OpenSource, Report, Source

News = Callable[[], Iterable[Event]]
"""What has come up since the last call."""


def with_news(open_source: OpenSource, news: News) -> OpenSource:
    """The same source, and after each of its events what `news` tells by then."""

    def open_both(report: Report) -> Source:
        # during a Sampling, the step that it is in the middle of goes on
        return Announcing(open_source(report), lambda event: () if isinstance(event, Sampling) else news())

    return open_both


class Announcing:
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
