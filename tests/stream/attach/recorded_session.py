"""A session of a run whose door has no thread."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from jem_tui.events.run import Event, RunStarted
from jem_tui.stream.attach.door import Door
from jem_tui.stream.attach.run_feed import RunFeed
from jem_tui.stream.tfevents.records import EventFileWriter
from jem_tui.stream.writer.event_log import EventLog
from jem_tui.stream.writer.recorder import Recorder


class ThreadlessDoor(Door):
    """A door whose arrivals the test delivers."""

    def __init__(self, run_dir: Path) -> None:
        super().__init__(run_dir, lambda command: None)
        self.arrivals = self._arrivals

    def _begin(self) -> None:
        """Start no thread."""


class Session:
    """One session of a run, with its recorder and its door."""

    def __init__(self, run_dir: Path, start: RunStarted, number: int, clock: list[float]) -> None:
        self.started = start
        self.door = ThreadlessDoor(run_dir)
        self.on_recorded: Callable[[], object] = lambda: None
        """Called for each event between the recorder and the door."""
        self.feed = RunFeed(run_dir, f"session {number}", lambda: None)
        self.recorder = Recorder(run_dir, ["jem-tui", "train"], lambda: clock[0], self.door)
        self.emit(start)

    def emit(self, event: Event) -> None:
        """Record an event and pass it to the door, with the notes of the recorder that follow."""
        self._pass(event)
        for note in self.recorder.pending_notes():
            self._pass(note)

    def _pass(self, event: Event) -> None:
        self.recorder(event)
        self.on_recorded()
        self.door(event)

    @property
    def log(self) -> EventLog:
        assert self.recorder._log is not None
        return self.recorder._log

    @property
    def writer(self) -> EventFileWriter:
        return self.log._events

    def die(self, torn: bytes) -> None:
        """Stop as after SIGKILL: what waits for a flush is lost, and half a record may be at the end of the file."""
        self.log._lock.release()
        with self.writer.path.open("ab") as file:
            file.write(torn)
        self.writer._file.close()
