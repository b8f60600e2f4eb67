"""The points of a log are those that TensorBoard's own reader has: tags, steps, wall times and values, NaN and infinities included."""

from __future__ import annotations

import logging
import math
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.util.tensor_util import make_ndarray

from jem_tui.errors import InputError
from jem_tui.printable import printable
from jem_tui.stream.export.scalar_tables import lines, write_csv
from jem_tui.stream.log_data.entries import resolve
from jem_tui.stream.log_data.points import LoggedPoints
from jem_tui.stream.log_data.restarts import NEVER
from jem_tui.stream.reader.log_cache import load_cache, save_cache, stamp_of
from jem_tui.stream.reader.log_reader import LogReader, read_log
from jem_tui.stream.reader.read_points import read_points
from jem_tui.stream.replay.build_timeline import build_timeline
from jem_tui.stream.tfevents.block_reader import BLOCK
from tests.examples import examples
from tests.stream.stream_events import all_equal, record, resumed_run, rewound_run, small_run
from tests.stream.tensorboard_logs import File, Point, Start, content, logs, place, write


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    """Silence TensorBoard, which logs what each purge removes."""
    caplog.set_level(logging.ERROR, "tensorboard")


WRITTEN_BY = Path(__file__).parents[1] / "written_by"
NO_LIMIT = dict.fromkeys(("scalars", "tensors", "images", "histograms", "audio", "compressedHistograms"), 0)
Rows = list[tuple[int, str, str]]
"""Step, wall time and value of each point; numbers as text, which NaN equals, too."""
Curves = dict[str, Rows]


def rows(points: Iterable[tuple[int, float, float]]) -> Rows:
    return [(step, repr(float(time)), repr(float(value))) for step, time, value in points]


def ours(points: dict[str, LoggedPoints], *, images: bool = False) -> Curves:
    """Return our points, in a run of this program by images, which are the steps of its files."""
    steps = {tag: each.images if images and each.images is not None else each.step for tag, each in points.items()}
    return {
        tag: rows(zip(steps[tag].tolist(), each.wall_time.tolist(), each.value.tolist(), strict=True))
        for tag, each in points.items()
    }


def accumulated(path: Path, *, purge: bool) -> Curves:
    """Return the scalars that TensorBoard reads in a folder or file, in both forms."""
    log = EventAccumulator(str(path), size_guidance=NO_LIMIT, purge_orphaned_data=purge).Reload()
    found = {tag: rows((e.step, e.wall_time, e.value) for e in log.Scalars(tag)) for tag in log.Tags()["scalars"]}
    for tag in log.Tags()["tensors"]:
        if log.SummaryMetadata(tag).plugin_data.plugin_name == "scalars":
            emitted = log.Tensors(tag)
            found[tag] = rows((e.step, e.wall_time, make_ndarray(e.tensor_proto).item()) for e in emitted)
    return {tag: each for tag, each in found.items() if each}


def by_folder(root: Path, *, purge: bool) -> Curves:
    """Return what TensorBoard reads in each folder, under the names that the tags have here."""
    found: Curves = {}
    for folder in sorted({path.parent for path in root.rglob("*tfevents*")}):
        run = "" if folder == root else f"{folder.relative_to(root)}/"
        found |= {printable(f"{run}{tag}"): each for tag, each in accumulated(folder, purge=purge).items()}
    return found


def read(root: Path) -> dict[str, LoggedPoints]:
    """Return our points; none where a log has none."""
    try:
        return dict(read_points(root).points)
    except InputError:
        return {}


@pytest.mark.parametrize("writer", sorted(path.name for path in WRITTEN_BY.iterdir() if path.is_dir()))
def test_logs_of_other_writers(writer: str):
    found = ours(read(WRITTEN_BY / writer))
    assert found and found == by_folder(WRITTEN_BY / writer, purge=True)


@pytest.mark.parametrize("emitted", [small_run(60), rewound_run()], ids=["straight", "rewound"])
def test_a_run_of_this_program(emitted: list, tmp_path: Path):
    as_tensorboard_reads_it(record(tmp_path / "run", emitted))


def test_a_resumed_run_of_this_program(tmp_path: Path):
    as_tensorboard_reads_it(resumed_run(tmp_path))


def as_tensorboard_reads_it(root: Path) -> None:
    found = read(root)
    assert ours(found, images=True) == by_folder(root, purge=True)
    assert all(each.images is not None and (each.step <= each.images).all() for each in found.values())


@settings(deadline=None, max_examples=examples(15))
@given(logs(most_files=1, starts=False, tensors=True))
def test_every_point_of_a_file_is_kept_in_its_order(files: list[File]):
    """Steps that go back within a file void nothing."""
    with tempfile.TemporaryDirectory() as name:
        write(Path(name), files)
        assert ours(read(Path(name))) == by_folder(Path(name), purge=False)


@settings(deadline=None, max_examples=examples(15))
@given(logs(most_files=1, starts=True, tensors=False))
def test_a_session_start_voids_what_tensorboard_purges(files: list[File]):
    with tempfile.TemporaryDirectory() as name:
        write(Path(name), files)
        assert ours(read(Path(name))) == by_folder(Path(name), purge=True)


def without_void(files: Sequence[File], paths: Sequence[Path]) -> Curves:
    """Return TensorBoard's reading of each file alone, without the points that a later session start or a later attempt voids."""
    alone = [accumulated(path, purge=False) for path in paths]
    found: Curves = {}
    for number, (file, curves) in enumerate(zip(files, alone, strict=True)):
        run = f"{file.run}/" if file.run else ""
        for tag, emitted in curves.items():
            own = [at for at, each in enumerate(file.records) if isinstance(each, Point) and each.tag == tag]
            kept = [row for at, row in zip(own, emitted, strict=True) if not is_void(files, number, at)]
            if kept:
                found.setdefault(printable(run + tag), []).extend(kept)
    return found


def is_void(files: Sequence[File], number: int, at: int) -> bool:
    file, point = files[number], files[number].records[at]
    assert isinstance(point, Point)
    later = [each for each in files[number + 1 :] if each.run == file.run]
    starts = [each for each in file.records[at:] if isinstance(each, Start)]
    starts += [each for other in later for each in other.records if isinstance(each, Start)]
    if any(point.step >= start.step for start in starts):
        return True
    for other in later:
        first = next((each.step for each in other.records if isinstance(each, Point) and each.tag == point.tag), NEVER)
        if all(time <= other.time for time in file.times) and point.step >= first:
            return True
    return False


SEVERAL = logs(most_files=5, starts=True, tensors=True)
BLOCKS = st.sampled_from([BLOCK, 300])
"""Bytes that are read at once: all of a file, or a few records."""


@settings(deadline=None, max_examples=examples(25))
@given(SEVERAL, BLOCKS)
def test_restarts_void_what_they_cover_and_concurrent_writers_nothing(files: list[File], block: int):
    with patch("jem_tui.stream.tfevents.block_reader.BLOCK", block):
        compare_with_oracle(files)


@pytest.mark.slow
@settings(deadline=None, max_examples=examples(100))
@given(SEVERAL, BLOCKS)
def test_any_number_of_restarts_is_read_like_tensorboard_purges(files: list[File], block: int):
    with patch("jem_tui.stream.tfevents.block_reader.BLOCK", block):
        compare_with_oracle(files)


def compare_with_oracle(files: list[File]) -> None:
    with tempfile.TemporaryDirectory() as name:
        paths = write(Path(name), files)
        found = ours(read(Path(name)))
        expected = without_void(files, paths)
        assert found == expected
        total = sum(isinstance(each, Point) for file in files for each in file.records)
        if found:
            assert read_points(Path(name)).left_out.count("replaced") == total - sum(map(len, expected.values()))


@settings(deadline=None, max_examples=25)
@given(logs(most_files=3, starts=True, tensors=True), st.integers(1, 9))
def test_a_growing_log_is_read_like_a_complete_one(files: list[File], at_once: int):
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        reader = LogReader(root)
        for number, file in enumerate(sorted(files, key=lambda each: each.run)):
            path, frames = place(root, file, number), content(file)
            for start in range(0, len(frames), at_once):
                with path.open("ab") as grown:
                    grown.write(b"".join(frames[start : start + at_once]))
                try:
                    now = reader.read()
                except InputError:
                    continue
                assert ours(dict(now.points)) == ours(read(root))
                assert now.left_out == read_log(root).left_out


@settings(deadline=None, max_examples=examples(15))
@given(logs(most_files=3, starts=True, tensors=True))
def test_tables_and_the_screen_hold_the_points_of_any_log(files: list[File]):
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        write(root, files)
        points = read(root)
        if not points:
            return
        path = root / "scalars.csv"
        assert write_csv(path, lines(points, 0.9), foreign=True) == sum(map(len, points.values()))
        drawn = build_timeline(read_log(root), root, complete=True).points()
        assert set(drawn) == set(points)
        for tag, each in points.items():
            step, value = each.last
            assert (int(drawn[tag].images[-1]), repr(float(drawn[tag].values[-1]))) == (step, repr(value))
            assert np.array_equal(drawn[tag].values, each.in_order().value, equal_nan=True)


def test_the_oracle_notices_different_bits_and_missing_points():
    """Check the comparison itself: it finds a value that differs in its last bit, and one that is missing."""
    points = {"a": LoggedPoints(np.array([1]), np.array([2.0]), np.array([math.nextafter(1.0, 2.0)]))}
    assert ours(points) != {"a": rows([(1, 2.0, 1.0)])}
    assert ours(points) == {"a": rows([(1, 2.0, math.nextafter(1.0, 2.0))])}


@settings(deadline=None, max_examples=25)
@given(logs(most_files=3, starts=True, tensors=True))
def test_a_cache_holds_the_points_of_any_log(files: list[File]):
    with tempfile.TemporaryDirectory() as name, patch("jem_tui.stream.reader.log_cache.MIN_BYTES", 1):
        root = Path(name)
        write(root, files)
        if not (points := read(root)):
            return
        again = read_log(root)
        assert save_cache(root, again, stamp_of(root))
        known = load_cache(root)
        assert known is not None
        assert ours(dict(known.points)) == ours(points) and known.left_out == again.left_out
        assert all_equal(list(resolve(known.entries)), list(resolve(again.entries)))
