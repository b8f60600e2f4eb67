"""The interface between a session and the worker of a run: a thread of this process, or the viewer of a run in another process."""

from __future__ import annotations

from collections.abc import Iterator
from queue import SimpleQueue
from typing import Protocol

from jem_tui.events.commands import Command
from jem_tui.events.event import Event
from jem_tui.events.run import Stopped


class RunWorker(Protocol):
    """A supplier of the events of a run that takes commands; closing it stops the run only if this process owns the run."""

    commands: SimpleQueue[Command]
    """Commands to the run; a signal handler may enqueue one."""

    @property
    def ended(self) -> Stopped | None:
        """The end of the run, set once the last event is in the inbox."""

    def start(self) -> None:
        """Start to receive events."""

    def send(self, command: Command) -> None:
        """Enqueue a command for the run."""

    def received(self) -> Iterator[Event]:
        """Yield the events that have arrived, without waiting."""

    def until_stopped(self) -> Iterator[Event]:
        """Yield events until the run has ended, waiting for each."""

    def close(self, timeout: float) -> bool:
        """Request the end of the worker, wait at most `timeout` seconds, and return whether it has ended."""
