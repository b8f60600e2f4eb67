"""Reading of a part of a log: the first bytes of each file, in a given order."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from jem_tui.errors import InputError
from jem_tui.stream.log_data.entries import resolve
from jem_tui.stream.reader import event_collector
from jem_tui.stream.reader.log_reader import FileExtent, LogReader, NoEventsYetError, Recording, read_log
from jem_tui.stream.tfevents.records import Damage, some_records
from tests.stream.stream_events import all_equal, record, small_run


def record_ends(path: Path) -> list[int]:
    """Return the offset after each record of a file."""
    with path.open("rb") as file:
        records, _ = some_records(file, path.stat().st_size, Damage(), 10_000)
    return [offset + len(payload) + 4 for offset, payload in records]


def copy_of(path: Path, size: int, folder: Path) -> Path:
    """Copy the first bytes of a file into a new run folder."""
    folder.mkdir()
    shutil.copy(path.parent / "run.json", folder)
    (folder / path.name).write_bytes(path.read_bytes()[:size])
    return folder


def same(one: Recording, other: Recording) -> bool:
    return all_equal(list(resolve(one.entries)), list(resolve(other.entries))) and one.left_out == other.left_out


def test_an_extent_reads_as_if_the_file_ended_there(tmp_path: Path):
    (path,) = record(tmp_path / "run", small_run(30)).glob("*tfevents*")
    growing = LogReader(path.parent)
    for number, size in enumerate(record_ends(path)[2:]):
        short = read_log(copy_of(path, size, tmp_path / str(number)))
        assert same(growing.read([FileExtent(path, size)]), short)
        assert same(LogReader(path.parent).read([FileExtent(path, size)]), short)
        assert not short.damage.truncated_files
    assert same(growing.read(), read_log(path.parent))


def test_a_smaller_extent_than_before_is_read_from_the_start(tmp_path: Path):
    (path,) = record(tmp_path / "run", small_run(30)).glob("*tfevents*")
    ends = record_ends(path)
    reader = LogReader(path.parent)
    reader.read()
    assert same(reader.read([FileExtent(path, ends[10])]), LogReader(path.parent).read([FileExtent(path, ends[10])]))


def test_the_extents_give_the_order_of_the_files(tmp_path: Path):
    (path,) = record(tmp_path / "run", small_run(30)).glob("*tfevents*")
    cut, size = record_ends(path)[12], path.stat().st_size
    # The name sorts before that of the first file
    later = path.parent / "events.out.tfevents.0000000001.host.1.0"
    later.write_bytes(path.read_bytes()[cut:])
    found = LogReader(path.parent).read([FileExtent(path, cut), FileExtent(later, size - cut)])
    events = list(resolve(found.entries))
    later.unlink()
    assert all_equal(events, list(resolve(read_log(path.parent).entries)))


def test_only_the_bytes_of_a_larger_extent_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (path,) = record(tmp_path / "run", small_run(30)).glob("*tfevents*")
    ends = record_ends(path)
    reader = LogReader(path.parent)
    reader.read([FileExtent(path, ends[9])])
    parts = []
    read = event_collector.BlockReader.read
    monkeypatch.setattr(
        event_collector.BlockReader,
        "read",
        lambda self, path, damage, start, stop: (parts.append((start, stop)), read(self, path, damage, start, stop))[1],
    )
    reader.read([FileExtent(path, ends[20])])
    assert parts == [(ends[9], ends[20])]


def test_no_extents_hold_no_events(tmp_path: Path):
    record(tmp_path / "run", small_run(3))
    with pytest.raises(NoEventsYetError):
        LogReader(tmp_path / "run").read([])


def test_a_missing_file_is_refused(tmp_path: Path):
    record(tmp_path / "run", small_run(3))
    with pytest.raises(InputError, match="cannot be read"):
        LogReader(tmp_path / "run").read([FileExtent(tmp_path / "run" / "gone", 100)])
