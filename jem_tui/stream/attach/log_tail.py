"""The end of a log that is being written: how much of it is on the disk, and the records that are not."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from tensorboard.compat.proto import event_pb2

from jem_tui.stream.attach.messages import LogPosition
from jem_tui.stream.runs.folder_walk import inspect_folder
from jem_tui.stream.tfevents import codec
from jem_tui.stream.tfevents.log_tap import LogTap
from jem_tui.stream.tfevents.records import payload_in

_PAUSES = {"Paused": True, "Resumed": False}
"""Kinds of events that begin and end a pause."""


class LogTail(LogTap):
    """The event files of a run with their sizes, and the frames that the current file does not hold completely."""

    def __init__(self, run_dir: Path) -> None:
        self._run_dir = run_dir
        self.paused = False
        """True if the run is paused at the end of the records up to `position`."""
        self._sizes: dict[str, int] = {}
        self._current = ""
        self._waiting: deque[bytes] = deque()

    def began(self, path: Path, frames: Sequence[bytes]) -> None:
        if not self._sizes:
            self._sizes = _earlier_files(self._run_dir, path)
        self._current = path.name
        # The folder may have held this file already when its earlier files were listed
        self._sizes.pop(self._current, None)
        self._sizes[self._current] = 0
        self._waiting.extendleft(reversed(frames))

    def appended(self, frame: bytes) -> None:
        self._waiting.append(frame)

    def flushed(self, size: int) -> None:
        while self._waiting and self._sizes[self._current] < size:
            written = self._waiting.popleft()
            self._sizes[self._current] += len(written)
            self.paused = _PAUSES.get(_kind_of_pause(written), self.paused)

    def position(self) -> LogPosition:
        """Return the existing event files and the bytes of complete records in each."""
        return tuple((name, size) for name, size in self._sizes.items() if (self._run_dir / name).exists())

    def waiting(self) -> list[bytes]:
        """Return the frames that follow `position`, in the order of the log."""
        return list(self._waiting)


def _kind_of_pause(written: bytes) -> str:
    """Return the kind of the event in a record that may be one of `_PAUSES`, "" for most others."""
    if not any(kind.encode() in written for kind in _PAUSES):
        return ""
    content = codec.body(event_pb2.Event.FromString(payload_in(written))) or {}
    return str(content.get("event"))


def _earlier_files(run_dir: Path, first: Path) -> dict[str, int]:
    """Return the sizes of the event files of earlier sessions, in the order of writing."""
    sizes: dict[str, int] = {}
    with suppress(OSError):
        paths = [path for path in inspect_folder(run_dir).files if path != first]
        if paths:
            # Only a resumed run needs this import, which takes 50 ms
            from jem_tui.stream.reader.log_reader import writing_order

            sizes = {path.name: path.stat().st_size for path in sorted(paths, key=writing_order)}
    return sizes
