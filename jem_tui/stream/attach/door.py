"""The door of a run: other processes of the same user join it to watch and to steer."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
import weakref
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Thread

from jem_tui.events.commands import Command
from jem_tui.events.run import Event, Note, RunStarted, Samples, Sampling, StepDone, Stopped
from jem_tui.printable import printable
from jem_tui.stream.attach.door_server import PATIENCE, DoorServer
from jem_tui.stream.attach.published_address import PublishedAddress
from jem_tui.stream.attach.run_feed import Arrival, NewFile, RunFeed
from jem_tui.stream.attach.socket_folder import HAS_SOCKETS
from jem_tui.stream.tfevents.log_tap import LogTap

THREAD_NAME = "jem-door"
_OF_INTEREST = (RunStarted, Sampling, Samples, Stopped)
_doors: weakref.WeakSet[Door] = weakref.WeakSet()


class Door(LogTap):
    """A sink, after the recorder, and the recorder's tap, which let viewers join the run through a socket on this machine.

    It opens with `RunStarted`, and closes with `Stopped` once viewers have received it. The thread of the run never waits for a
    viewer except for this end. Commands of viewers are passed to `send` as `Authored`, on the thread of the door. No failure of the
    door is raised: the run continues without it, and `pending_notes` reports that once.
    """

    def __init__(self, run_dir: Path, send: Callable[[Command], None], announce: Path | None = None) -> None:
        """Prepare a door. The address is also written to the file `announce`, for a program that waits for the run."""
        self._run_dir = Path(os.path.realpath(run_dir))
        self._send = send
        self._arrivals: deque[Arrival] = deque()
        self._reports: deque[str] = deque()
        self._last: Event | None = None
        self._thread: Thread | None = None
        self._open = True
        """False once nothing is passed on any more."""
        self._address = PublishedAddress(self._run_dir, announce, self._reports.append)
        self._server: DoorServer | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        _doors.add(self)

    def began(self, path: Path, frames: Sequence[bytes]) -> None:
        if self._open:
            self._arrivals.append(NewFile(path, tuple(frames)))

    def appended(self, frame: bytes) -> None:
        if self._open:
            self._arrivals.append(frame)

    def flushed(self, size: int) -> None:
        if self._open:
            self._arrivals.append(size)

    def __call__(self, event: Event) -> None:
        self._last = event
        if isinstance(event, StepDone) or not self._open or not isinstance(event, _OF_INTEREST):
            return
        self._arrivals.append(event)
        if isinstance(event, RunStarted) and self._thread is None:
            self._begin()
        elif isinstance(event, Stopped):
            self._end()

    def pending_notes(self) -> list[Note]:
        """Return the notes on the door itself since the last call."""
        notes = []
        while self._reports and self._last is not None:
            text = self._reports.popleft()
            notes.append(Note(**self._last.at.fields(), text=text, kind="warning"))
        return notes

    def abandon(self) -> None:
        """Remove the address for a process that exits at once; safe in a signal handler."""
        self._address.remove()

    def _begin(self) -> None:
        """Open the door if the run is recorded; without a recording there is nothing to join."""
        if not HAS_SOCKETS or not any(isinstance(arrival, NewFile) for arrival in self._arrivals):
            self._stop()
            return
        thread = Thread(target=self._run, name=THREAD_NAME, daemon=True)
        try:
            thread.start()
        # The system has no thread left
        except RuntimeError as error:
            self._reports.append(f"Other processes cannot attach to this run: {error}.")
            self._stop()
        else:
            self._thread = thread

    def _end(self) -> None:
        """Let the thread deliver the end of the run, and wait for that, a little longer than it is allowed to take."""
        self._wake()
        if self._thread is not None:
            self._thread.join(PATIENCE + 0.5)
        self._stop()

    def _wake(self) -> None:
        loop, server = self._loop, self._server
        if loop is not None and server is not None:
            # The loop has ended after a failure
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(server.wake)

    def _stop(self) -> None:
        self._open = False
        self._arrivals.clear()
        if self._server is not None:
            self._server.closed = True

    def _run(self) -> None:
        """Serve the viewers, on the thread of the door."""
        try:
            asyncio.run(self._serve(self._address.publish()))
        except OSError as error:
            self._reports.append(f"Other processes cannot attach to this run: {error.strerror or error}.")
        except Exception as error:
            self._reports.append(
                f"Other processes can no longer attach to this run: {type(error).__name__}: {printable(str(error))}."
            )
        finally:
            self._stop()
            self.abandon()

    async def _serve(self, listener: socket.socket) -> None:
        feed = RunFeed(self._run_dir, secrets.token_hex(8), self._address.write_into_run_folder)
        self._server = DoorServer(feed, self._arrivals, self._send, self._address)
        # The run may have ended while the address was published
        if not self._open:
            self._server.closed = True
        self._loop = asyncio.get_running_loop()
        # By default, an exception of a viewer's task would be printed over the screen
        self._loop.set_exception_handler(lambda loop, context: None)
        await self._server.serve(listener)

    def _close_in_child(self) -> None:
        """Close the sockets in a forked child, which must neither serve nor remove anything."""
        self._open = False
        self._thread = self._loop = None
        for each in self._server.sockets if self._server is not None else ():
            each.close()


def _close_doors_in_child() -> None:
    for door in tuple(_doors):
        door._close_in_child()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_close_doors_in_child)
