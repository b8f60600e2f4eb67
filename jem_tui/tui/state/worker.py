"""The thread that drives the source."""

from __future__ import annotations

from collections.abc import Iterator
from queue import SimpleQueue
from threading import Thread
from time import time

from jem_tui.events.commands import Command, Stop
from jem_tui.events.run import Event, Stopped
from jem_tui.stream.drive import WORKER_NAME, OpenSource, Sink, drive
from jem_tui.stream.inbox import Inbox


class Worker:
    """Runs `drive` on a thread of its own; every event is recorded first and then put into an inbox."""

    def __init__(self, open_source: OpenSource, record: Sink) -> None:
        self._open_source = open_source
        self._record = record
        self.commands: SimpleQueue[Command] = SimpleQueue()
        """Commands to the source; a signal handler may enqueue one."""
        self._inbox = Inbox()
        self._thread = Thread(target=self._run, name=WORKER_NAME, daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def send(self, command: Command) -> None:
        """Enqueue a command for the source."""
        self.commands.put(command)

    @property
    def ended(self) -> Stopped | None:
        """The end of the run, set once the last event is in the inbox."""
        return self._inbox.ended

    def received(self) -> Iterator[Event]:
        """Yield the events in the inbox without waiting; the last event of a run is a `Stopped`."""
        return self._inbox.received()

    def until_stopped(self) -> Iterator[Event]:
        """Yield events until the run has ended, waiting for each; the final `Stopped` is missing if another call has taken it."""
        return self._inbox.until_stopped()

    def close(self, timeout: float) -> bool:
        """Stop the source without a checkpoint, wait at most `timeout` seconds, and return whether the thread has ended."""
        if self._thread.is_alive():
            self.send(Stop(save=False))
            self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        stopped = Stopped(
            step=0, images=0, time=time(), reason="failed", error="The thread of the run ended unexpectedly."
        )
        try:
            stopped = drive(self._open_source, self._sink, self.commands)
        finally:
            self._inbox.end(stopped)

    def _sink(self, event: Event) -> None:
        self._record(event)
        if not isinstance(event, Stopped):
            self._inbox.put(event)
