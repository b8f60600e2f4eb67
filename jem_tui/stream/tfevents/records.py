"""TensorBoard event files: records framed by their length and two masked CRC-32C checksums."""

from __future__ import annotations

import itertools
import os
import re
import socket
import struct
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from io import FileIO
from itertools import islice
from pathlib import Path
from typing import BinaryIO, NamedTuple

import google_crc32c
from tensorboard.compat.proto import event_pb2

from jem_tui.stream.tfevents import resync
from jem_tui.stream.tfevents.log_tap import NO_TAP, LogTap
from jem_tui.stream.tfevents.resync import find_record

_HEADER = struct.Struct("<QI")
_LENGTH = struct.Struct("<Q")
_CHECKSUM = struct.Struct("<I")
_MASK_DELTA = 0xA282EAD8
_FRAMES_AT_ONCE = 4096
_BYTES_AT_ONCE = 1 << 24
_NAME = re.compile(r"events\.out\.tfevents\.([0-9]{10})\..*\.([0-9]{1,9})", re.DOTALL)
MOST_RECORD = 1 << 25
"""Maximum bytes of a record that is read; a crafted message can take thirty times its size in protobuf."""


@dataclass(slots=True)
class Damage:
    """Counts of readable and unreadable records, filled while reading."""

    records: int = field(default=0, compare=False)
    """Records with correct checksums."""
    skipped_records: int = 0
    """Records with a damaged or senseless payload."""
    gaps: int = 0
    """Places where a damaged length hides how many records were lost; reading continues after each."""
    truncated_files: int = 0
    """Files that end inside a record, after a crash or while being written."""
    too_large: int = 0
    """Records that were skipped because of their length."""

    def __bool__(self) -> bool:
        """Return whether a record was lost; a truncated last record is the normal end of a killed run."""
        return bool(self.skipped_records or self.gaps)


class Record(NamedTuple):
    """The payload of a record, and its offset in the file."""

    offset: int
    payload: bytes


def masked_checksum(data: bytes) -> int:
    """Return the CRC-32C of `data`, rotated and offset as TFRecord files store it."""
    checksum = int(google_crc32c.value(data))
    return ((checksum >> 15 | checksum << 17) + _MASK_DELTA) & 0xFFFFFFFF


def frame(payload: bytes) -> bytes:
    """Return a payload with the frame of a TFRecord."""
    length = _LENGTH.pack(len(payload))
    head = length + _CHECKSUM.pack(masked_checksum(length))
    return head + payload + _CHECKSUM.pack(masked_checksum(payload))


def payload_in(framed: bytes) -> bytes:
    """Return the payload in what `frame` has returned."""
    return framed[_HEADER.size : -_CHECKSUM.size]


def some_records(file: BinaryIO, size: int, damage: Damage, count: int) -> tuple[list[Record], bool]:
    """Return the undamaged ones of the next `count` records of a file of `size` bytes, and whether the file has ended.

    Stops early after `_BYTES_AT_ONCE` bytes. Records larger than `MOST_RECORD` are skipped. The file position is left at the
    next record, or before an incomplete last record.
    """
    found: list[Record] = []
    first = file.tell()
    for _ in range(count):
        start = file.tell()
        if start - first > _BYTES_AT_ONCE:
            break
        length = _next_length(file, size, damage)
        if length is None:
            file.seek(start)
            return found, True
        offset = file.tell()
        if length > MOST_RECORD:
            damage.too_large += 1
            file.seek(length + _CHECKSUM.size, os.SEEK_CUR)
            continue
        payload = file.read(length)
        if file.read(_CHECKSUM.size) == _CHECKSUM.pack(masked_checksum(payload)):
            damage.records += 1
            found.append(Record(offset, payload))
        else:
            damage.skipped_records += 1
            _seek_next(file, offset - _HEADER.size + 1, size)
    return found, False


def _next_length(file: BinaryIO, size: int, damage: Damage) -> int | None:
    """Return the length of the next payload, which the file holds completely; None at the end.

    After a damaged length, the file position is left in the next record that can be found.
    """
    start = file.tell()
    header = file.read(_HEADER.size)
    if len(header) < _HEADER.size:
        damage.truncated_files += bool(header)
        return None
    length = _length(header)
    if length is not None and length <= resync.MOST_BYTES and file.tell() + length + _CHECKSUM.size <= size:
        return length
    # A footer may have lost bytes and still match by chance
    found = find_record(file, max(0, start + 1 - _CHECKSUM.size), size)
    if found is None and length is not None:
        damage.truncated_files += 1
        return None
    damage.gaps += 1
    if found is None:
        return None
    file.seek(found)
    return _length(file.read(_HEADER.size))


def _seek_next(file: BinaryIO, earliest: int, size: int) -> None:
    """Seek to the record after a damaged payload: usually here, elsewhere if bytes are missing or too many."""
    here = file.tell()
    file.seek(find_record(file, earliest, size) or here)


def _length(header: bytes) -> int | None:
    """Return the payload length of a header; None if its checksum is wrong."""
    if len(header) < _HEADER.size:
        return None
    length, checksum = _HEADER.unpack(header)
    return int(length) if checksum == masked_checksum(header[: _LENGTH.size]) else None


class EventFileWriter:
    """A writer that appends events to a new file in `folder`, which must exist.

    Every method but `append` and `append_payload` raises OSError. Unwritten bytes are kept, and the next `flush` continues at exactly that byte.
    """

    def __init__(self, folder: Path, now: Callable[[], float] = time.time, tap: LogTap = NO_TAP) -> None:
        self._folder = folder
        self._now = now
        self._tap = tap
        self._frames: deque[bytes] = deque()
        self._written = 0
        """Bytes of the first frame that are in the file."""
        self._complete = 0
        """Bytes of the complete frames that are in the file."""
        self.pending = 0
        """Bytes of all frames that wait for a flush."""
        self.path, self._file = self._begin()
        self._begin_with()

    def append(self, message: event_pb2.Event) -> None:
        """Enqueue an event for the next `flush`."""
        self.append_payload(message.SerializeToString())

    def append_payload(self, payload: bytes) -> None:
        """Enqueue an encoded event for the next `flush`."""
        framed = frame(payload)
        self._frames.append(framed)
        self.pending += len(framed)
        self._tap.appended(framed)

    def flush(self) -> None:
        """Pass all enqueued events to the operating system."""
        while self._frames:
            block = memoryview(b"".join(islice(self._frames, _FRAMES_AT_ONCE)))[self._written :]
            while block:
                count = self._file.write(block)
                self._forget(count)
                block = block[count:]

    def is_astray(self) -> bool:
        """Return whether the file or its folder was removed, moved or replaced."""
        try:
            return not os.path.samestat(os.fstat(self._file.fileno()), self.path.stat())
        except (FileNotFoundError, NotADirectoryError):
            return True

    def begin_new_file(self, *first: event_pb2.Event) -> None:
        """Continue in a new file that begins with `first`; a half-written record is written again as a whole."""
        path, file = self._begin()
        with suppress(OSError), self._file:
            if not os.fstat(self._file.fileno()).st_size:
                self.path.unlink()
        self.path, self._file, self._written, self._complete = path, file, 0, 0
        self._begin_with(*first)

    def close(self) -> None:
        """Flush and close; the file is closed even if flushing fails."""
        with self._file:
            self.flush()

    def _begin(self) -> tuple[Path, FileIO]:
        # Unbuffered: after a full disk, nothing may be left for the interpreter to flush at exit
        path = _create(self._folder, self._now())
        return path, path.open("ab", buffering=0)

    def _begin_with(self, *messages: event_pb2.Event) -> None:
        """Enqueue the version record and `messages` before all other frames."""
        version = event_pb2.Event(wall_time=self._now(), file_version="brain.Event:2")
        frames = [frame(message.SerializeToString()) for message in (version, *messages)]
        self._frames.extendleft(reversed(frames))
        self.pending += sum(map(len, frames))
        self._tap.began(self.path, frames)

    def _forget(self, count: int) -> None:
        """Drop the frames that are complete after `count` more written bytes."""
        self._written += count
        while self._frames and self._written >= len(self._frames[0]):
            size = len(self._frames.popleft())
            self._written -= size
            self._complete += size
            self.pending -= size
        self._tap.flushed(self._complete)


def _create(folder: Path, created: float) -> Path:
    """Create a file with a unique name in TensorBoard's pattern, whose time and number sort it after all files of the folder."""
    second, first = int(created), 0
    for path in folder.glob("events.out.tfevents.*"):
        named = _NAME.fullmatch(path.name)
        if named is not None and (int(named[1]), int(named[2])) >= (second, first):
            second, first = int(named[1]), int(named[2]) + 1
    for number in itertools.count(first):
        path = folder / f"events.out.tfevents.{second:010d}.{socket.gethostname()}.{os.getpid()}.{number}"
        with suppress(FileExistsError):
            path.touch(exist_ok=False)
            return path
    raise AssertionError("itertools.count never ends")
