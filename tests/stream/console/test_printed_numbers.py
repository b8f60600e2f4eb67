"""Final values: the exported, printed and displayed ones equal those of TensorBoard's own reader."""

from __future__ import annotations

import csv
import io
import logging
import math
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from rich.console import Console

from jem_tui.cli.export import export_run
from jem_tui.events.commands import Seek
from jem_tui.stream.console.summary import once
from jem_tui.stream.replay.replayer import Replayer
from jem_tui.tui.state.run_state import RunState
from tests.examples import examples
from tests.stream.reader.test_against_tensorboard import Curves, Rows, by_folder, read, rows
from tests.stream.stream_events import record, rewound_run, small_run
from tests.stream.tensorboard_logs import File, logs, write

FOLDER = Path(__file__).parents[1] / "written_by"
WRITERS = sorted(path.name for path in FOLDER.iterdir() if path.is_dir() and list(path.rglob("*tfevents*")))


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    """Silence TensorBoard, which logs what each purge removes."""
    caplog.set_level(logging.ERROR, "tensorboard")


@contextmanager
def exported(folder: Path, part: str) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as target:
        export_run(folder, Path(target), (part,), 0.9, "*")
        yield Path(target)


def rows_of_csv(folder: Path, step: str = "step") -> Curves:
    found: Curves = {}
    with exported(folder, "csv") as target, (target / "scalars.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            numbers = (int(row[step]), float(row["wall_time"]), float(row["value"]))
            found.setdefault(row["tag"], []).extend(rows([numbers]))
    return found


def rows_of_parquet(folder: Path) -> Curves:
    parquet = pytest.importorskip("pyarrow.parquet")
    found: Curves = {}
    with exported(folder, "parquet") as target:
        for row in parquet.read_table(target / "scalars.parquet").to_pylist():
            found.setdefault(row["tag"], []).extend(rows([(row["step"], row["wall_time"], row["value"])]))
    return found


def last_of(found: Rows) -> float:
    """Return the value of the largest step, of several the one that was written last."""
    return float(max(enumerate(found), key=lambda each: (each[1][0], each[0]))[1][2])


def printed_values(folder: Path, tag: str) -> list[float]:
    """Return the final values that stand behind a tag, in per cent or not; several where one tag begins like another one."""
    console = Console(file=io.StringIO(), width=1000, _environ={})
    once(folder, console)
    found = []
    for line in console.file.getvalue().splitlines():
        if match := re.match(re.escape(tag) + r" +([-+.\dein]+|NaN|-?inf)(%?)( |$)", line):
            found.append(float(match[1]) / (100 if match[2] else 1))
    return found


def shown_values(folder: Path) -> dict[str, float]:
    """Return the last value of each curve on the screen, at the end of a replay."""
    state, replayer = RunState(), Replayer(folder)
    for event in (*islice(replayer.events(), 2), *replayer.apply(Seek(step=2**62))):
        state.apply(event)
    assert state.run is not None
    return {tag: float(series.values[-1]) for tag, series in state.run.series.items() if len(series)}


def same_value(found: float, expected: float) -> bool:
    """Return whether two numbers are the same in the precision that the expected one has."""
    with np.errstate(over="ignore"):
        if not math.isnan(expected) and float(np.float32(expected)) == expected:
            return bool(np.float32(found) == np.float32(expected))
    return found == expected or (math.isnan(found) and math.isnan(expected))


def check_final_values(folder: Path, expected: Curves) -> None:
    on_screen = shown_values(folder)
    for tag, found in expected.items():
        value = last_of(found)
        assert same_value(on_screen[tag], value)
        assert any(same_value(printed, value) for printed in printed_values(folder, tag))


@pytest.mark.parametrize("writer", WRITERS)
def test_tables_of_every_writer_hold_the_numbers_that_tensorboard_reads(writer: str):
    expected = by_folder(FOLDER / writer, purge=True)
    assert expected
    assert rows_of_csv(FOLDER / writer) == rows_of_parquet(FOLDER / writer) == expected


@pytest.mark.parametrize("writer", WRITERS)
def test_final_values_of_every_writer_are_those_that_tensorboard_reads(writer: str):
    check_final_values(FOLDER / writer, by_folder(FOLDER / writer, purge=True))


@settings(max_examples=examples(15), deadline=None)
@given(logs(most_files=1, starts=False, tensors=True))
def test_tables_of_any_log_hold_the_numbers_that_tensorboard_reads(files: list[File]):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder, files)
        if read(folder):
            expected = by_folder(folder, purge=False)
            assert rows_of_csv(folder) == rows_of_parquet(folder) == expected


@settings(max_examples=examples(15), deadline=None)
@given(logs(most_files=1, starts=True, tensors=False))
def test_final_values_of_any_log_are_those_that_tensorboard_reads(files: list[File]):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder, files)
        if read(folder):
            check_final_values(folder, by_folder(folder, purge=True))


def test_a_run_of_this_program_is_exported_by_both_of_its_steps(tmp_path: Path):
    folder = record(tmp_path / "run", small_run(20))
    assert rows_of_csv(folder, "images") == by_folder(folder, purge=True)
    assert [step for step, _, _ in rows_of_csv(folder)["JEM/total"]] == list(range(1, 21))


def test_void_points_enter_no_number_and_are_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    folder = record(tmp_path / "run", rewound_run())
    steps = [step for step, _, _ in rows_of_csv(folder)["JEM/total"]]
    assert steps == sorted(set(steps))
    assert "24 points are void" in capsys.readouterr().err
    assert rows_of_csv(folder, "images") == by_folder(folder, purge=True)
