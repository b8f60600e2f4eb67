"""The thread that owns the source."""

from __future__ import annotations

from collections.abc import Iterator
from queue import Empty, SimpleQueue
from threading import Thread
from time import time

from jem_tui.events.commands import Command, Stop
from jem_tui.events.run import Event, Stopped
from jem_tui.stream.drive import WORKER_NAME, OpenSource, Sink, drive

PATIENCE = 0.25
"""Seconds between two checks of whether the thread has ended."""


class Worker:
    """Runs `drive` on a thread of its own: every event is recorded first and then laid into an inbox."""

    def __init__(self, open_source: OpenSource, record: Sink) -> None:
        self._open_source = open_source
        self._record = record
        self.commands: SimpleQueue[Command] = SimpleQueue()
        """Commands to the source; a signal handler may enqueue one."""
        self._inbox: SimpleQueue[Event] = SimpleQueue()
        self.ended: Stopped | None = None
        """The end of the run, as soon as the last event lies in the inbox."""
        self._thread = Thread(target=self._run, name=WORKER_NAME, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def send(self, command: Command) -> None:
        self.commands.put(command)

    def received(self) -> Iterator[Event]:
        """Take what lies in the inbox; the last event of all is always a `Stopped`."""
        while True:
            try:
                yield self._inbox.get_nowait()
            except Empty:
                return

    def until_stopped(self) -> Iterator[Event]:
        """Take events as they come, up to the `Stopped` that is the last one, which somebody else may have taken."""
        while True:
            ended = self.ended
            try:
                yield self._inbox.get(timeout=PATIENCE) if ended is None else self._inbox.get_nowait()
            except Empty:
                if ended is not None:
                    return

    def close(self, timeout: float) -> bool:
        """Ask for an end at once, wait at most `timeout` seconds, and say whether the thread is gone."""
        if self._thread.is_alive():
            self.send(Stop(save=False))
            self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        stopped = Stopped(step=0, images=0, time=time(), reason="failed", error="The worker ended before its run.")
        try:
            stopped = drive(self._open_source, self._sink, self.commands)
        finally:
            self._inbox.put(stopped)
            self.ended = stopped

    def _sink(self, event: Event) -> None:
        self._record(event)
        if not isinstance(event, Stopped):
            self._inbox.put(event)
