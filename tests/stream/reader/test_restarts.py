"""Points that a restart voids, as against concurrent writers, and the order of event files."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from jem_tui.stream.reader.log_reader import writing_order
from jem_tui.stream.reader.read_points import Log, read_points
from tests.stream.tensorboard_logs import File, Point, Start, content, write


def attempt(first: int, last: int, began: float, value: float, *, tag: str = "loss", pace: float = 1.0) -> File:
    """Write a file of steps `first` to `last`, the first of them `pace` seconds after it began."""
    points = [Point(tag, step, began + pace * (1 + step - first), value) for step in range(first, last + 1)]
    return File("", began, [*points])


def steps(log: Log, tag: str = "loss") -> list[tuple[int, float]]:
    points = log.points[tag]
    return list(zip(points.step.tolist(), points.value.tolist(), strict=True))


def test_a_later_attempt_replaces_what_it_covers_from_its_first_step_on(tmp_path: Path):
    write(tmp_path, [attempt(0, 9, 0.0, 1.0), attempt(5, 7, 100.0, 2.0)])
    log = read_points(tmp_path)
    assert steps(log) == [*((step, 1.0) for step in range(5)), *((step, 2.0) for step in (5, 6, 7))]
    assert log.left_out.sentences() == ["5 points were replaced by a later restart."]


def test_a_tag_that_the_later_attempt_does_not_have_is_whole(tmp_path: Path):
    write(tmp_path, [attempt(0, 9, 0.0, 1.0, tag="val"), attempt(0, 9, 100.0, 2.0)])
    log = read_points(tmp_path)
    assert len(steps(log, "val")) == len(steps(log)) == 10 and not log.left_out


def test_writers_at_work_together_replace_nothing(tmp_path: Path):
    """A writer for training and one for validation in one folder, with one tag."""
    write(tmp_path, [attempt(0, 9, 0.0, 1.0), attempt(0, 9, 0.5, 2.0)])
    log = read_points(tmp_path)
    assert sorted(steps(log)) == sorted((step, value) for step in range(10) for value in (1.0, 2.0))
    assert not log.left_out


def test_a_writer_that_opened_before_the_other_closed_replaces_nothing(tmp_path: Path):
    write(tmp_path, [attempt(0, 9, 0.0, 1.0), attempt(0, 3, 10.0 - 0.1, 2.0, pace=50.0)])
    assert len(steps(read_points(tmp_path))) == 14


def test_a_session_start_voids_all_tags_from_its_step_on(tmp_path: Path):
    first, second = attempt(0, 9, 0.0, 1.0), attempt(0, 9, 0.0, 3.0, tag="val")
    write(tmp_path, [File("", 0.0, [*first.records, *second.records, Start(6, 99.0), Point("loss", 6, 100.0, 2.0)])])
    log = read_points(tmp_path)
    assert [step for step, _ in steps(log)] == [0, 1, 2, 3, 4, 5, 6]
    assert [step for step, _ in steps(log, "val")] == [0, 1, 2, 3, 4, 5]
    assert log.left_out.count("replaced") == 8


def test_sub_folders_replace_nothing_of_each_other(tmp_path: Path):
    later = attempt(0, 9, 100.0, 2.0)
    write(tmp_path, [attempt(0, 9, 0.0, 1.0), File("eval", 100.0, later.records)])
    log = read_points(tmp_path)
    assert (len(steps(log)), len(steps(log, "eval/loss"))) == (10, 10)


NAMES = (
    "events.out.tfevents.999.host.7.0",
    "events.out.tfevents.1000.host.7.0",
    "events.out.tfevents.1000.host.7.9.v2",
    "events.out.tfevents.1000.host.7.10.v2",
    "events.out.tfevents.1001.10.0.0.5.7.3",
    "events.out.tfevents.1001.a.host.99.4.eval",
    "events.out.tfevents.1002.host",
)


def test_files_are_in_the_order_of_time_and_number_in_their_names(tmp_path: Path):
    paths = [tmp_path / name for name in NAMES]
    for number, path in enumerate(paths):
        path.touch()
        os.utime(path, (9e9 - number, 9e9 - number))
    shuffled = random.Random(1).sample(paths, len(paths))
    assert sorted(shuffled, key=writing_order) == paths


def test_only_without_a_time_in_their_names_files_are_in_the_order_of_their_last_change(tmp_path: Path):
    early, late = tmp_path / "z.tfevents", tmp_path / "a.tfevents"
    for path, file, when in ((early, attempt(0, 9, 0.0, 1.0), 1000), (late, attempt(5, 6, 100.0, 2.0), 2000)):
        path.write_bytes(b"".join(content(file)))
        os.utime(path, (when, when))
    assert [step for step, _ in steps(read_points(tmp_path))] == [0, 1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("version", [True, False])
def test_the_tenth_file_of_a_process_comes_last(tmp_path: Path, version: bool):
    for number in range(11):
        frames = content(attempt(number, number + 1, 100.0 * number, float(number)))
        path = tmp_path / f"events.out.tfevents.1000.host.7.{number}"
        path.write_bytes(b"".join(frames if version else frames[1:]))
    assert steps(read_points(tmp_path)) == [*((step, float(step)) for step in range(11)), (11, 10.0)]
