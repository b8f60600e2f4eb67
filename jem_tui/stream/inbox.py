"""The queue between the thread of a run and the screen."""

from __future__ import annotations

from collections.abc import Iterator
from queue import Empty, SimpleQueue
from threading import Lock

from jem_tui.events.run import Event, Stopped

EVENT_BYTES = 1000
"""Bytes of an event without its text and its images, about."""
PATIENCE = 0.25
"""Seconds between two checks whether the run has ended."""


class Inbox:
    """Events on their way to the screen; the last one is a `Stopped`."""

    def __init__(self) -> None:
        self.ended: Stopped | None = None
        """The end of the run, set once the last event is in the inbox."""
        self._events: SimpleQueue[Event] = SimpleQueue()
        self._counting = Lock()
        """Protects `_bytes_put`: several threads put events, and one thread takes them."""
        self._bytes_put = self._bytes_taken = 0

    def __len__(self) -> int:
        return self._events.qsize()

    @property
    def waiting_bytes(self) -> int:
        """Bytes of the events in the inbox, about."""
        return self._bytes_put - self._bytes_taken

    def put(self, event: Event) -> None:
        """Add an event."""
        size = size_of(event)
        with self._counting:
            self._bytes_put += size
        self._events.put(event)

    def end(self, stopped: Stopped) -> None:
        """Add the last event; does nothing after the first call."""
        if self.ended is None:
            self.put(stopped)
            self.ended = stopped

    def received(self) -> Iterator[Event]:
        """Yield the events in the inbox without waiting."""
        while True:
            try:
                event = self._events.get_nowait()
            except Empty:
                return
            self._bytes_taken += size_of(event)
            yield event

    def until_stopped(self) -> Iterator[Event]:
        """Yield events until the run has ended, waiting for each; the final `Stopped` is missing if another call has taken it."""
        while True:
            ended = self.ended
            try:
                event = self._events.get(timeout=PATIENCE) if ended is None else self._events.get_nowait()
            except Empty:
                if ended is not None:
                    return
                continue
            self._bytes_taken += size_of(event)
            yield event


def size_of(event: Event) -> int:
    """Return the bytes of an event, about: those of its text and its images, and `EVENT_BYTES` for all else."""
    tiles = getattr(event, "tiles", None)
    return EVENT_BYTES + len(getattr(event, "text", "")) + (0 if tiles is None else tiles.nbytes)
