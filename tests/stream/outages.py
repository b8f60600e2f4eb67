"""A recorder with a disk that can be full, and the notes that it emitted."""

from __future__ import annotations

import errno
import os
from io import FileIO
from pathlib import Path
from typing import cast

from jem_tui.events.run import Event, Note
from jem_tui.stream.reader.log_cache import read_recording
from jem_tui.stream.replay.replayer import read_events
from jem_tui.stream.tfevents.records import EventFileWriter
from jem_tui.stream.writer.recorder import Recorder
from tests.stream.stream_events import started, step_done


class Disk:
    """Replacement of the open file that accepts `room` more bytes, then fails."""

    def __init__(self, writer: EventFileWriter, room: int, number: int = errno.ENOSPC) -> None:
        self._file = writer._file
        self.room = room
        self._number = number

    def write(self, block: memoryview) -> int:
        if not self.room:
            raise OSError(self._number, os.strerror(self._number))
        count = self._file.write(block[: self.room])
        self.room -= count
        return count

    def fileno(self) -> int:
        return self._file.fileno()

    def __enter__(self) -> Disk:
        return self

    def __exit__(self, *error: object) -> None:
        self._file.close()


class Run:
    """A recorder whose clock makes every step due for the disk."""

    def __init__(self, run_dir: Path) -> None:
        self.run_dir = run_dir
        self.seconds = 1000.0
        self.emitted: list[Event] = []
        self.notes: list[Note] = []
        self.recorder = Recorder(run_dir, ["jem-tui", "train"], lambda: self.seconds)
        self.record(started(total_steps=100))

    def record(self, *events: Event) -> list[Note]:
        """Record events, each two seconds after the last, and return what the recorder had to say."""
        before = len(self.notes)
        for event in events:
            self.seconds += 2
            self.recorder(event)
            self.emitted.append(event)
            self.notes += self.recorder.pending_notes()
        return self.notes[before:]

    def disk(self, room: int, number: int = errno.ENOSPC) -> Disk:
        assert self.recorder._log is not None
        events = self.recorder._log._events
        disk = Disk(events, room, number)
        events._file = cast(FileIO, disk)
        return disk

    def recorded(self) -> list[Event]:
        """Read the recording without the recorder's own notes."""
        found = read_recording(self.run_dir)
        assert not found.damage
        own = {note.text for note in self.notes}
        return [event for event in read_events(self.run_dir) if not isinstance(event, Note) or event.text not in own]


def steps(*numbers: int) -> list[Event]:
    return [step_done(number) for number in numbers]
