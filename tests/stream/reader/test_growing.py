"""A log that is read again and again while it grows: always as if it were read for the first time."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from tensorboard.compat.proto import event_pb2, summary_pb2

from jem_tui.stream.log_data.entries import resolve
from jem_tui.stream.reader import event_collector
from jem_tui.stream.reader.log_cache import read_recording
from jem_tui.stream.reader.log_reader import LogReader, NoEventsYetError, Recording
from jem_tui.stream.tfevents.records import frame
from tests.stream.stream_events import all_equal, record, small_run


def scalar(tag: str, step: int, value: float) -> bytes:
    summary = summary_pb2.Summary(value=[summary_pb2.Summary.Value(tag=tag, simple_value=value)])
    return frame(event_pb2.Event(wall_time=1e9 + step, step=step, summary=summary).SerializeToString())


def same(one: Recording, other: Recording) -> bool:
    return all_equal(list(resolve(one.entries)), list(resolve(other.entries))) and (
        one.damage,
        one.damage.records,
        one.foreign,
    ) == (other.damage, other.damage.records, other.foreign)


def foreign_log() -> bytes:
    return b"".join(
        scalar(tag, step, step / 3)
        for step in range(300)
        for tag in ("loss", "val/a")
        if tag == "loss" or step % 7 == 0
    )


def own_log(folder: Path) -> bytes:
    return next(record(folder / "own", small_run(60)).glob("*tfevents*")).read_bytes()


@pytest.mark.parametrize("kind", ["foreign", "own"])
@pytest.mark.parametrize("seed", range(5))
def test_a_file_that_grows_by_any_number_of_bytes(kind, seed, tmp_path):
    content = foreign_log() if kind == "foreign" else own_log(tmp_path)
    folder = tmp_path / "log"
    folder.mkdir()
    path = folder / "events.out.tfevents.1.host"
    cuts = sorted(random.Random(seed).sample(range(len(content)), 12))
    reader = LogReader(folder)
    for cut in [*cuts, len(content)]:
        path.write_bytes(content[:cut]) if not path.exists() else append(path, content[:cut])
        try:
            now = reader.read()
        except NoEventsYetError:
            continue
        assert same(now, read_recording(folder))


def append(path: Path, content: bytes) -> None:
    with path.open("ab") as file:
        file.write(content[file.tell() :])


def test_only_appended_bytes_are_read(tmp_path, monkeypatch):
    content = foreign_log()
    path = tmp_path / "events.out.tfevents.1.host"
    path.write_bytes(content[:10_000])
    reader = LogReader(tmp_path)
    reader.read()
    starts = []
    read = event_collector.BlockReader.read
    monkeypatch.setattr(
        event_collector.BlockReader,
        "read",
        lambda self, path, damage, start, stop: (starts.append(start), read(self, path, damage, start, stop))[1],
    )
    append(path, content)
    reader.read()
    assert len(starts) == 1 and 9_900 < starts[0] <= 10_000


def test_changes_that_are_no_growth_are_noticed(tmp_path):
    path = tmp_path / "events.out.tfevents.1.host"
    path.write_bytes(foreign_log())
    reader = LogReader(tmp_path)
    reader.read()
    for content in (foreign_log()[:3000], b"".join(scalar("other", step, 1.0) for step in range(900)), foreign_log()):
        path.write_bytes(content)
        assert same(reader.read(), read_recording(tmp_path))
    replaced = tmp_path / "new"
    replaced.write_bytes(b"".join(scalar("again", step, 2.0) for step in range(2000)))
    replaced.replace(path)
    assert same(reader.read(), read_recording(tmp_path))


def test_more_files_and_damage_that_comes_later(tmp_path):
    first, second = (tmp_path / f"events.out.tfevents.{number}.host" for number in (3, 5))
    first.write_bytes(foreign_log()[:4000])
    reader = LogReader(tmp_path)
    reader.read()
    second.write_bytes(b"".join(scalar("loss", step, 9.0) for step in range(40, 90)))
    assert same(reader.read(), read_recording(tmp_path))
    append(first, foreign_log())
    assert same(reader.read(), read_recording(tmp_path)), "a file that is not the last one has grown"
    broken = bytearray(b"".join(scalar("loss", step, 9.0) for step in range(40, 120)))
    broken[-100] ^= 1
    append(second, bytes(broken))
    assert same(reader.read(), read_recording(tmp_path))
    append(second, bytes(broken) + scalar("loss", 500, 1.0))
    assert same(reader.read(), read_recording(tmp_path))
    (tmp_path / "events.out.tfevents.1.host").write_bytes(scalar("early", 1, 1.0))
    assert same(reader.read(), read_recording(tmp_path))
