"""The queue between the thread of a run and the screen."""

from __future__ import annotations

from collections.abc import Iterator
from queue import Empty, SimpleQueue

from jem_tui.events.run import Event, Stopped

PATIENCE = 0.25
"""Seconds between two checks whether the run has ended."""


class Inbox:
    """Events on their way to the screen; the last one is a `Stopped`."""

    def __init__(self) -> None:
        self.ended: Stopped | None = None
        """The end of the run, set once the last event is in the inbox."""
        self._events: SimpleQueue[Event] = SimpleQueue()

    def __len__(self) -> int:
        return self._events.qsize()

    def put(self, event: Event) -> None:
        """Add an event."""
        self._events.put(event)

    def end(self, stopped: Stopped) -> None:
        """Add the last event; does nothing after the first call."""
        if self.ended is None:
            self._events.put(stopped)
            self.ended = stopped

    def received(self) -> Iterator[Event]:
        """Yield the events in the inbox without waiting."""
        while True:
            try:
                yield self._events.get_nowait()
            except Empty:
                return

    def until_stopped(self) -> Iterator[Event]:
        """Yield events until the run has ended, waiting for each; the final `Stopped` is missing if another call has taken it."""
        while True:
            ended = self.ended
            try:
                yield self._events.get(timeout=PATIENCE) if ended is None else self._events.get_nowait()
            except Empty:
                if ended is not None:
                    return
