"""The run as the thread of the door sees it: what the thread that trains has left, as bytes for every viewer."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from jem_tui.events.run import Event, RunStarted, Samples, Sampling, Stopped
from jem_tui.stream.attach.frames import UNRECORDED, pack
from jem_tui.stream.attach.log_tail import LogTail
from jem_tui.stream.attach.messages import Hello, Progress, pack_message
from jem_tui.stream.attach.viewer_link import Chunk, pack_records
from jem_tui.stream.tfevents import codec
from jem_tui.stream.tfevents.records import frame
from jem_tui.version import __version__


class NewFile(NamedTuple):
    """An event file that was begun, and its first frames."""

    path: Path
    frames: Sequence[bytes]


Arrival = bytes | int | NewFile | Event
"""A frame for the event file, the size of the complete frames in it, a new file, or an event of interest."""


class RunFeed:
    """The state of the run that a new viewer gets, and the bytes that the viewers present get."""

    def __init__(self, run_dir: Path, run_id: str, on_new_file: Callable[[], None]) -> None:
        """Begin before the first file of the run; `on_new_file` is called whenever a file was begun."""
        self.ended = False
        """True once the last event has arrived."""
        self.samples_arrived = False
        """True if samples have arrived since this was last set to False."""
        self.abilities: frozenset[str] = frozenset()
        """Commands that the run accepts, known once it has started."""
        self._on_new_file = on_new_file
        self._run_dir = run_dir
        self._run_id = run_id
        self._tail = LogTail(run_dir)
        self._started = b""
        self._chunks: list[Chunk] = []
        self._records: list[bytes] = []

    def collect(self, arrivals: deque[Arrival], has_viewers: bool) -> list[Chunk]:
        """Apply what has arrived, and return it for the viewers, nothing unless the run `has_viewers`."""
        while arrivals:
            arrival = arrivals.popleft()
            match arrival:
                case bytes():
                    self._tail.appended(arrival)
                    self._records.append(arrival)
                case int():
                    self._tail.flushed(arrival)
                case NewFile(path=path, frames=frames):
                    self._tail.began(path, frames)
                    self._on_new_file()
                case Event():
                    self._apply(arrival, has_viewers)
        self._end_group()
        chunks, self._chunks = self._chunks, []
        return chunks if has_viewers else []

    def hello(self, again: bool) -> tuple[Hello, list[bytes]]:
        """Return the greeting of a viewer, and the records that follow its position."""
        hello = Hello(
            program=f"jem-tui {__version__}",
            run_id=self._run_id,
            run_dir=str(self._run_dir),
            position=self._tail.position(),
            started=self._started,
            paused=self._tail.paused,
            again=again,
        )
        return hello, self._tail.waiting()

    def _apply(self, event: Event, has_viewers: bool) -> None:
        match event:
            case RunStarted():
                self._started, self.abilities = record_of(event), event.abilities
            case Stopped():
                self.ended = True
            case Samples():
                self.samples_arrived = True
                if has_viewers and event.requested:
                    self._end_group()
                    self._chunks.append((pack(UNRECORDED, record_of(event)), "samples"))
            case Sampling() if has_viewers:
                self._end_group()
                self._chunks.append((pack_message(Progress(sampling=event)), "progress"))

    def _end_group(self) -> None:
        """Pack the records so far, so that what follows is sent after them."""
        self._chunks += [(chunk, "") for chunk in pack_records(self._records)]
        self._records.clear()


def record_of(event: Event) -> bytes:
    """Return an event as one record, with its length and checksums."""
    return frame(codec.encode(event).SerializeToString())
