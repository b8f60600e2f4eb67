"""What is exported, printed and shown as the final value equals what TensorBoard's own reader finds in the file."""

from __future__ import annotations

import csv
import io
import math
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from made_logs import Logged, Point, last_of, made_logs, point_key, read_by_tensorboard, write_log
from rich.console import Console
from stream_events import record, rewound_run, small_run

from jem_tui.cli.export import export
from jem_tui.events import Seek
from jem_tui.stream.replayer import Replayer
from jem_tui.stream.summary import once
from jem_tui.tui.state import RunState

FOLDER = Path(__file__).parent / "written_by"
WRITERS = sorted(path.name for path in FOLDER.iterdir() if path.is_dir() and list(path.rglob("*tfevents*")))
Numbers = dict[str, list[Point]]


@contextmanager
def exported(folder: Path, part: str) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as target:
        export(folder, out=Path(target), only=part)
        yield Path(target)


def rows_of_csv(folder: Path, step: str = "step") -> Numbers:
    found: Numbers = {}
    with exported(folder, "csv") as target, (target / "scalars.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            point = Point(int(row[step]), float(row["wall_time"]), float(row["value"]))
            found.setdefault(row["tag"], []).append(point)
    return found


def rows_of_parquet(folder: Path) -> Numbers:
    parquet = pytest.importorskip("pyarrow.parquet")
    found: Numbers = {}
    with exported(folder, "parquet") as target:
        for row in parquet.read_table(target / "scalars.parquet").to_pylist():
            found.setdefault(row["tag"], []).append(Point(row["step"], row["wall_time"], row["value"]))
    return found


def printed(folder: Path) -> str:
    console = Console(file=io.StringIO(), width=400, _environ={})
    once(folder, console)
    return console.file.getvalue()


def printed_values(folder: Path, tags: list[str]) -> dict[str, float]:
    """The final value in the row of each tag, in per cent or not."""
    found = {}
    for line in printed(folder).splitlines():
        for tag in tags:
            if line.startswith(f"{tag} ") and (words := line[len(tag) :].split()):
                text = words[0]
                found[tag] = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    return found


def shown_values(folder: Path) -> dict[str, float]:
    """The last value of each curve on the screen, at the end of a replay."""
    state, replayer = RunState(), Replayer(folder)
    for event in (*islice(replayer.events(), 2), *replayer.apply(Seek(step=2**62))):
        state.apply(event)
    assert state.run is not None
    return {tag: float(series.values[-1]) for tag, series in state.run.series.items() if len(series)}


def same(found: Numbers, expected: Numbers) -> bool:
    keys = {tag: list(map(point_key, points)) for tag, points in expected.items()}
    return {tag: list(map(point_key, points)) for tag, points in found.items()} == keys


def same_value(found: float, expected: float) -> bool:
    """Whether two numbers are the same in the precision that the expected one has."""
    with np.errstate(over="ignore"):
        if not math.isnan(expected) and float(np.float32(expected)) == expected:
            return bool(np.float32(found) == np.float32(expected))
    return found == expected or (math.isnan(found) and math.isnan(expected))


@pytest.mark.parametrize("writer", WRITERS)
def test_tables_of_every_writer_hold_the_numbers_that_tensorboard_reads(writer: str):
    expected = read_by_tensorboard(FOLDER / writer)
    assert expected
    assert same(rows_of_csv(FOLDER / writer), expected)
    assert same(rows_of_parquet(FOLDER / writer), expected)


@pytest.mark.parametrize("writer", WRITERS)
def test_final_values_of_every_writer_are_those_that_tensorboard_reads(writer: str):
    expected = {tag: last_of(points).value for tag, points in read_by_tensorboard(FOLDER / writer).items()}
    on_paper, on_screen = printed_values(FOLDER / writer, list(expected)), shown_values(FOLDER / writer)
    for tag, value in expected.items():
        assert same_value(on_paper[tag], value)
        assert same_value(on_screen[tag], value)


@settings(max_examples=100, deadline=None)
@given(made_logs())
def test_tables_of_any_log_hold_the_numbers_that_tensorboard_reads(logged: list[Logged]):
    with tempfile.TemporaryDirectory() as folder:
        write_log(Path(folder), logged)
        expected = read_by_tensorboard(Path(folder))
        assert same(rows_of_csv(Path(folder)), expected)
        assert same(rows_of_parquet(Path(folder)), expected)


@settings(max_examples=100, deadline=None)
@given(made_logs())
def test_final_values_of_any_log_are_those_that_tensorboard_reads(logged: list[Logged]):
    with tempfile.TemporaryDirectory() as folder:
        write_log(Path(folder), logged)
        expected = {tag: last_of(points).value for tag, points in read_by_tensorboard(Path(folder)).items()}
        assert same_values(printed_values(Path(folder), list(expected)), expected)
        assert same_values(shown_values(Path(folder)), expected)


def same_values(found: dict[str, float], expected: dict[str, float]) -> bool:
    return all(same_value(found[tag], value) for tag, value in expected.items())


def test_a_run_of_this_program_is_exported_by_both_of_its_steps(tmp_path: Path):
    folder = record(tmp_path / "run", small_run(20))
    expected = read_by_tensorboard(folder)
    assert same(rows_of_csv(folder, "images"), expected)
    by_step = rows_of_csv(folder)["JEM/total"]
    assert [point.step for point in by_step] == list(range(1, 21))


def test_what_a_rewind_made_void_is_in_no_number_and_is_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    folder = record(tmp_path / "run", rewound_run())
    steps = [point.step for point in rows_of_csv(folder)["JEM/total"]]
    assert steps == sorted(set(steps))
    assert "24 points are void" in capsys.readouterr().err
    assert same(rows_of_csv(folder, "images"), read_by_tensorboard(folder))
