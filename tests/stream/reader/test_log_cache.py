"""The log cache: it holds the same recording as the event files, and is ignored where anything in it is wrong."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from torch.utils.tensorboard import SummaryWriter

from jem_tui.errors import JemError
from jem_tui.events.run import Energies, Samples
from jem_tui.stream.log_data.array_file import MAGIC, Words, read_arrays, write_arrays
from jem_tui.stream.log_data.entries import DeferredEvent, resolve
from jem_tui.stream.reader import log_cache
from jem_tui.stream.reader.log_cache import NAME, load_cache, read_recording, save_cache, stamp_of
from jem_tui.stream.reader.log_reader import Recording, read_log
from jem_tui.stream.replay.player import RecordingPlayer
from tests.stream.array_files import sealed
from tests.stream.stream_events import all_equal, record, small_run


@pytest.fixture(autouse=True)
def short_logs_are_worth_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_cache, "MIN_BYTES", 1)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return record(tmp_path / "run", small_run(20))


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    with SummaryWriter(str(tmp_path / "log")) as writer:
        for step in range(30):
            writer.add_scalar("loss/total", 1 / (step + 1), step)
            writer.add_scalars("sub", {"a": step, "b": -step}, step)
            if step % 7 == 0:
                writer.add_scalar("sparse", float("nan"), step)
        writer.add_image("a/picture", np.full((4, 6, 3), 99, np.uint8), 3, dataformats="HWC")
        writer.add_histogram("weights", np.arange(9.0), 5)
        writer.add_text("comment", "a comment", 6)
    return tmp_path / "log"


def kept(logdir: Path) -> bool:
    stamp = stamp_of(logdir)
    return save_cache(logdir, read_log(logdir), stamp)


def all_points(recording: Recording) -> dict[str, list[str]]:
    return {
        tag: [repr(column.tolist()) for column in (each.step, each.wall_time, each.value)]
        for tag, each in recording.points.items()
    }


def same(left: Path) -> None:
    """Compare the recording from the cache with the one from the event files."""
    read, known = read_log(left), load_cache(left)
    assert known is not None
    assert (known.damage, known.foreign, known.left_out) == (read.damage, read.foreign, read.left_out)
    assert known.damage.records == read.damage.records
    assert all_points(known) == all_points(read)
    assert all_equal(list(resolve(known.entries)), list(resolve(read.entries)))
    places = [(i.kind, i.tag, i.step, i.images, i.time, i.span) for i in read.entries if isinstance(i, DeferredEvent)]
    assert [
        (i.kind, i.tag, i.step, i.images, i.time, i.span) for i in known.entries if isinstance(i, DeferredEvent)
    ] == places


@pytest.mark.parametrize("kind", ["own", "foreign"])
def test_a_cache_holds_what_the_files_hold(kind: str, request: pytest.FixtureRequest):
    logdir = request.getfixturevalue(kind)
    assert load_cache(logdir) is None
    assert kept(logdir) and (logdir / NAME).exists()
    same(logdir)
    assert all_equal(list(resolve(read_recording(logdir).entries)), list(resolve(read_log(logdir).entries)))


def test_chain_snapshots_are_cached(own: Path):
    kept(own)
    known = [item.snapshot for item in read_recording(own).entries if isinstance(item, DeferredEvent) and item.snapshot]
    read = [item.snapshot for item in read_log(own).entries if isinstance(item, DeferredEvent) and item.snapshot]
    assert len(known) == len(read) == 4
    assert all(
        a.step == b.step and np.array_equal(a.energy, b.energy, equal_nan=True) and (a.reseeds == b.reseeds).all()
        for a, b in zip(known, read, strict=True)
    )


def test_a_cache_of_changed_files_is_not_used(own: Path):
    kept(own)
    record(own, small_run(3))
    assert load_cache(own) is None
    assert kept(own)
    same(own)
    log = next(own.glob("*tfevents*"))
    os.utime(log, ns=(0, 0))
    assert load_cache(own) is None


def test_a_cache_of_another_version_is_not_used(own: Path, monkeypatch: pytest.MonkeyPatch):
    kept(own)
    monkeypatch.setattr(log_cache, "__version__", "0.0.0")
    assert load_cache(own) is None


def test_short_logs_have_no_cache(own: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(log_cache, "MIN_BYTES", 1 << 20)
    assert not kept(own) and not (own / NAME).exists()


def test_a_folder_that_cannot_be_written_to_is_not_an_error(own: Path, monkeypatch: pytest.MonkeyPatch):
    def refuse(*args: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(log_cache, "write_arrays", refuse)
    assert not kept(own)
    assert all_equal(list(resolve(read_recording(own).entries)), list(resolve(read_log(own).entries)))


@pytest.mark.parametrize("place", [0, 20, 60, -300, -1])
def test_a_flipped_bit_or_a_lost_end_is_noticed(own: Path, place: int):
    kept(own)
    good = (own / NAME).read_bytes()
    flipped = bytearray(good)
    flipped[place] ^= 4
    for bad in (bytes(flipped), good[:place], b"", good + b"\0" * 8):
        (own / NAME).write_bytes(bad)
        assert load_cache(own) is None


def forged(logdir: Path, change: Callable[[Words, dict[str, NDArray[Any]]], object]) -> None:
    """Write a cache with a valid checksum and a forged content."""
    words, arrays = read_arrays(logdir / NAME, 1 << 30)
    arrays = dict(arrays)
    change(words, arrays)
    write_arrays(logdir / NAME, words, arrays)


def rows_of(words: dict) -> str:
    return next(str(number) for number, item in enumerate(words["items"]) if item[0] == "rows")


FORGERIES = {
    "no such file": lambda words, arrays: [item.__setitem__(6, 99) for item in words["items"] if item[0] == "deferred"],
    "no such kind": lambda words, arrays: [
        item.__setitem__(1, "x") for item in words["items"] if item[0] == "deferred"
    ],
    "no event": lambda words, arrays: [item.__setitem__(1, "AAAA") for item in words["items"] if item[0] == "event"],
    "a short column": lambda words, arrays: arrays.update({f"{rows_of(words)} times": np.zeros(1)}),
    "no column": lambda words, arrays: arrays.pop(f"{rows_of(words)} values 0"),
    "far rows": lambda words, arrays: arrays.update(
        {f"{rows_of(words)} rows 0": np.arange(len(arrays[f"{rows_of(words)} values 0"])) + 10**9}
    ),
    "steps that are no integers": lambda words, arrays: arrays.update(
        {f"{rows_of(words)} steps": arrays[f"{rows_of(words)} times"]}
    ),
    "invalid times": lambda words, arrays: arrays.update(
        {f"{rows_of(words)} times": arrays[f"{rows_of(words)} times"] * np.nan}
    ),
    "a snapshot of other chains": lambda words, arrays: arrays.update(
        {name: values[:1] for name, values in arrays.items() if "reseeds" in name}
    ),
    "an invalid time": lambda words, arrays: [
        item.__setitem__(5, float("nan")) for item in words["items"] if item[0] == "deferred"
    ],
    "no items": lambda words, arrays: words.pop("items"),
    "items of no kind": lambda words, arrays: words.update(items=[[]]),
    "nothing": lambda words, arrays: words.update(items=[]),
    "not a list": lambda words, arrays: words.update(items=7),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_cache_is_not_used(own: Path, name: str):
    kept(own)
    forged(own, FORGERIES[name])
    assert load_cache(own) is None
    assert RecordingPlayer(own, "run", complete=True).timeline.last_step == 20


def test_a_file_that_is_no_cache_is_not_used(own: Path):
    sealed(own / NAME, b"[" * 100_000)
    assert load_cache(own) is None
    (own / NAME).unlink()
    os.mkfifo(own / NAME)
    assert load_cache(own) is None
    (own / NAME).unlink()
    with (own / NAME).open("wb") as file:
        file.write(MAGIC)
        file.truncate(1 << 40)
    assert load_cache(own) is None


def test_events_written_during_a_read_make_the_cache_invalid(own: Path):
    track = RecordingPlayer(own, "run", complete=True)
    record(own, small_run(3))
    track.save_cache()
    assert not (own / NAME).exists()


def test_a_cache_is_never_written_through_a_link(own: Path, tmp_path: Path):
    (tmp_path / "precious").write_text("mine")
    (own / f".{NAME}.tmp").symlink_to(tmp_path / "precious")
    assert kept(own)
    assert (tmp_path / "precious").read_text() == "mine" and not (own / NAME).is_symlink()


def test_a_reference_to_another_kind_of_event_yields_nothing(own: Path):
    kept(own)
    note = next(item for item in read_log(own).entries if isinstance(item, DeferredEvent) and item.kind is Energies)
    forged(
        own,
        lambda words, arrays: [
            item.__setitem__(slice(7, 9), [note.span.offset, note.span.length])
            for item in words["items"]
            if item[:2] == ["deferred", "Samples"]
        ],
    )
    found = load_cache(own)
    assert found is not None
    assert not [event for event in resolve(found.entries) if isinstance(event, Samples)]


def test_images_of_a_removed_log_raise_a_sentence(own: Path):
    kept(own)
    items = read_recording(own).entries
    next(own.glob("*tfevents*")).unlink()
    with pytest.raises(JemError, match="can no longer be read"):
        list(resolve(item for item in items if isinstance(item, DeferredEvent)))


def test_a_replay_writes_a_cache_and_following_does_not(own: Path):
    RecordingPlayer(own, "run", complete=False).save_cache()
    assert not (own / NAME).exists()
    track = RecordingPlayer(own, "run", complete=True)
    track.save_cache()
    assert (own / NAME).exists()
    again = RecordingPlayer(own, "run", complete=True)
    for tag, points in track.timeline.points().items():
        assert np.array_equal(again.timeline.points()[tag].values, points.values)
    assert (again.timeline.order == track.timeline.order).all() and again.timeline.marks == track.timeline.marks
