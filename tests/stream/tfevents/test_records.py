"""Event files: framing, and what damage does to them."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from tensorboard.backend.event_processing.event_file_loader import EventFileLoader
from tensorboard.compat.proto import event_pb2

from jem_tui.stream.reader.log_reader import event_files
from jem_tui.stream.tfevents.records import Damage, EventFileWriter, frame, masked_checksum
from tests.stream.event_file_records import read_records


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file of the version record and five events with steps 0 to 4."""
    writer = EventFileWriter(tmp_path, now=lambda: 1234.5)
    for step in range(5):
        writer.append(event_pb2.Event(wall_time=1.0, step=step))
    writer.close()
    return writer.path


def steps(path: Path) -> tuple[list[int], Damage]:
    damage = Damage()
    messages = [event_pb2.Event.FromString(record.payload) for record in read_records(path, damage)]
    return [message.step for message in messages if not message.file_version], damage


def spans(path: Path) -> list[tuple[int, int]]:
    """Return the offset of each record's length, and the end of the record."""
    return [(r.offset - 12, r.offset + len(r.payload) + 4) for r in read_records(path, Damage())]


def flip(path: Path, position: int) -> None:
    content = bytearray(path.read_bytes())
    content[position] ^= 0x10
    path.write_bytes(content)


def test_checksum_is_crc32c_masked_as_in_the_tfrecord_format():
    assert masked_checksum(b"123456789") == ((0xE3069283 >> 15 | 0xE3069283 << 17) + 0xA282EAD8) & 0xFFFFFFFF


def test_files_start_with_the_version_and_have_tensorboards_name(path: Path):
    first = next(read_records(path, Damage()))
    assert event_pb2.Event.FromString(first.payload).file_version == "brain.Event:2"
    assert path.name.startswith("events.out.tfevents.0000001234.")


def test_tensorboard_reads_what_is_written(path: Path):
    assert [event.step for event in EventFileLoader(str(path)).Load()] == [0, 0, 1, 2, 3, 4]


def test_two_writers_never_share_a_file(tmp_path: Path):
    first, second = EventFileWriter(tmp_path, now=lambda: 1.0), EventFileWriter(tmp_path, now=lambda: 1.0)
    assert first.path != second.path


def test_a_later_file_sorts_after_those_of_other_processes_and_clocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    written = []
    for pid, clock in ((300, 1000.9), (20, 1000.2), (1000, 1000.5), (9, 500.0), (8, 2000.0)):
        monkeypatch.setattr("os.getpid", lambda pid=pid: pid)
        written.append(EventFileWriter(tmp_path, lambda clock=clock: clock).path)
    assert event_files(tmp_path) == written


def test_nothing_is_in_the_file_before_flush(tmp_path: Path):
    writer = EventFileWriter(tmp_path)
    assert writer.path.stat().st_size == 0
    writer.flush()
    assert writer.path.stat().st_size > 0


def test_a_truncated_last_record_ends_the_file_quietly(path: Path):
    whole = path.read_bytes()
    last_start = spans(path)[-1][0]
    for size in range(last_start, len(whole)):
        path.write_bytes(whole[:size])
        read, damage = steps(path)
        assert read == [0, 1, 2, 3]
        assert not damage
        assert damage.truncated_files == (size > last_start)


def test_a_damaged_payload_loses_only_its_record(path: Path):
    flip(path, spans(path)[3][1] - 5)
    assert steps(path) == ([0, 1, 3, 4], Damage(skipped_records=1))


def test_a_damaged_length_loses_only_its_record(path: Path):
    flip(path, spans(path)[3][0])
    read, damage = steps(path)
    assert read == [0, 1, 3, 4]
    assert damage == Damage(gaps=1)
    assert damage


def test_a_huge_length_with_a_valid_checksum_is_refused(path: Path):
    length = struct.pack("<Q", 1 << 60)
    with path.open("ab") as file:
        file.write(length + struct.pack("<I", masked_checksum(length)) + b"few bytes")
    assert steps(path) == ([0, 1, 2, 3, 4], Damage(truncated_files=1))


def test_an_empty_payload_is_a_record(tmp_path: Path):
    path = tmp_path / "empty"
    path.write_bytes(frame(b""))
    assert [record.payload for record in read_records(path, Damage())] == [b""]
