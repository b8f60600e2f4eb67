"""A run, its door and its viewers in one process and without a thread: a test decides what happens in which order."""

from __future__ import annotations

import asyncio
import socket
from io import FileIO
from pathlib import Path
from typing import cast

from jem_tui.events.run import RunStarted, Samples
from jem_tui.stream.attach.door_reader import DoorReader
from jem_tui.stream.attach.messages import LogPosition
from jem_tui.stream.attach.outbox import Outbox
from jem_tui.stream.attach.run_feed import RunFeed
from jem_tui.stream.attach.run_log import RunLog
from jem_tui.stream.attach.viewer_link import ViewerLink
from jem_tui.stream.reader.log_reader import event_files
from jem_tui.tui.state.run_state import RunState
from tests.stream.attach.displayed import state_of
from tests.stream.attach.random_runs import Action, RandomRun
from tests.stream.attach.recorded_session import Session
from tests.stream.outages import Disk
from tests.stream.stream_events import samples

SMALL = 4000
"""Bytes of an outbox: about a dozen steps."""


class Watcher:
    """A viewer with its screen, and the door's side of its connection."""

    def __init__(self, run_dir: Path) -> None:
        self.reader = DoorReader(RunLog(run_dir))
        self.state = RunState()
        self.link: ViewerLink | None = None
        self.requested = False
        """True once samples that are not in the log were displayed."""
        self._sent = b""

    def connect(self, feed: RunFeed) -> None:
        """Join the run over a new connection. Must be called within an event loop."""
        self.reader.begin_connection()
        self._sent = b""
        self.link = ViewerLink(socket.socket(socket.AF_UNIX), feed.hello)
        self.link.connection.close()
        self.link._outbox = Outbox(SMALL)
        self.link.join("alice@laptop", False)

    def receive(self, chunks: int, size: int) -> None:
        """Receive some chunks of the outbox, and apply as many of their bytes as arrive, in pieces of `size`."""
        link = self.link
        assert link is not None
        for _ in range(chunks):
            if not link._outbox and not link._owes_hello:
                break
            self._sent += b"".join(link._next_chunks())
        self._apply(size)

    def receive_all(self) -> None:
        link = self.link
        assert link is not None
        while link._outbox or link._owes_hello:
            self._sent += b"".join(link._next_chunks())
        self._apply(1 << 20)

    def _apply(self, size: int) -> None:
        data, self._sent = self._sent, b""
        for start in range(0, len(data), size):
            for event in self.reader.events(data[start : start + size]):
                self.requested = self.requested or (isinstance(event, Samples) and event.requested)
                self.state.apply(event)


class World:
    """A run over all its sessions, and all its viewers."""

    def __init__(self, run_dir: Path) -> None:
        self.run = RandomRun()
        self.run_dir = run_dir
        self.watchers: list[Watcher] = []
        self._clock = [1000.0]
        self._loop = asyncio.new_event_loop()
        self._sessions = 0
        self.session = self._begin()

    def act(self, action: Action) -> None:
        """Emit the events of an action of the run, which lasts a tenth of a second."""
        for event in self.run.events(action):
            self._clock[0] += 0.1
            self.session.emit(event)

    def deliver(self) -> None:
        """Let the door collect what has arrived, and enqueue it for all viewers."""

        async def offer() -> None:
            chunks = self.session.feed.collect(self.session.door.arrivals, has_viewers=bool(self.watchers))
            for watcher in self.watchers:
                if watcher.link is not None and chunks:
                    watcher.link.offer(chunks)

        self._loop.run_until_complete(offer())

    def join(self, watcher: Watcher | None = None) -> Watcher:
        """Connect a viewer, or a new one. Like the door, collect for the others first."""

        async def connect(joining: Watcher) -> None:
            joining.connect(self.session.feed)

        self.deliver()
        joining = watcher or Watcher(self.run_dir)
        self._loop.run_until_complete(connect(joining))
        if watcher is None:
            self.watchers.append(joining)
        return joining

    def join_while_recording(self, watcher: Watcher, action: Action) -> None:
        """Emit the events of an action, of which the door learns only after a viewer has joined."""

        def connect() -> None:
            self.join(watcher)
            watcher.receive_all()

        self.session.on_recorded = connect
        try:
            self.act(action)
        finally:
            self.session.on_recorded = lambda: None

    def request_samples(self) -> None:
        """Emit samples that a viewer requested."""
        self.session.emit(samples(self.run.step, 3, time=self._clock[0], requested=True))

    def advance_clock(self, seconds: float) -> None:
        self._clock[0] += seconds

    def flush(self) -> None:
        self.session.log.flush(self.session.started)

    def rotate(self) -> None:
        """Continue in a new event file."""
        self.session.writer.begin_new_file()

    def limit_disk(self, room: int, number: int) -> None:
        """Let writes fail after `room` bytes."""
        self.free_disk()
        self.session.writer._file = cast(FileIO, Disk(self.session.writer, room, number))

    def free_disk(self) -> None:
        disk: object = self.session.writer._file
        if isinstance(disk, Disk):
            self.session.writer._file = disk._file

    def restart(self, back: int, torn: bytes | None) -> None:
        """Resume the run some steps earlier, after an orderly end (None) or after SIGKILL with `torn` bytes in the file."""
        self.free_disk()
        if torn is None:
            self.flush()
        self.session.die(torn or b"")
        self._clock[0] += 5.0
        self.run.step = max(0, self.run.step - back)
        for watcher in self.watchers:
            watcher.link = None
        self.session = self._begin()

    def settle(self) -> None:
        """Let all viewers be connected and receive everything."""
        self.free_disk()
        self.flush()
        self.deliver()
        for watcher in self.watchers:
            if watcher.link is None:
                self.join(watcher)
            watcher.receive_all()

    def fresh_state(self) -> RunState:
        """Return the state of a viewer that joins now."""
        watcher = self.join()
        self.watchers.remove(watcher)
        watcher.receive_all()
        return watcher.state

    def logged_state(self) -> RunState:
        """Return the state that the log alone gives."""
        everything: LogPosition = tuple((path.name, path.stat().st_size) for path in event_files(self.run_dir))
        past = RunLog(self.run_dir).past(self.session.started, everything, paused=self.run.paused)
        return state_of(past)

    def close(self) -> None:
        self.free_disk()
        self.session.die(b"")
        self._loop.close()

    def _begin(self) -> Session:
        self._sessions += 1
        start = self.run.start()
        assert isinstance(start, RunStarted)
        return Session(self.run_dir, start, self._sessions, self._clock)
