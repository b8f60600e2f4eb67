"""`replay --json` has the last point of every curve as TensorBoard's own reader finds it, and counts what is left out."""

from __future__ import annotations

import json
import logging
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from typer.testing import CliRunner

from jem_tui.cli.application import app
from jem_tui.events.left_out import LeftOut
from jem_tui.json_values import restored
from jem_tui.stream.console.final_values import final_json
from tests.examples import examples
from tests.stream.reader.test_against_tensorboard import Curves, by_folder, read, rows
from tests.stream.stream_events import record, small_run
from tests.stream.tensorboard_logs import File, logs, write

FOLDER = Path(__file__).parents[1] / "written_by"


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    """Silence TensorBoard, which logs what each purge removes."""
    caplog.set_level(logging.ERROR, "tensorboard")


def printed(*folders: Path) -> list[dict]:
    result = CliRunner().invoke(app, ["replay", "--json", *map(str, folders)])
    assert result.exit_code == 0, result.exception
    return [restored(json.loads(line)) for line in result.stdout.splitlines()]


def check_curves(folder: Path, expected: Curves) -> None:
    found = restored(json.loads(json.dumps(final_json(folder), allow_nan=False)))
    assert found["curves"].keys() == expected.keys()
    for tag, curve in found["curves"].items():
        last = rows([(curve["step"], curve["wall_time"], curve["value"])])
        newest = max(step for step, *_ in expected[tag])
        assert last == [row for row in expected[tag] if row[0] == newest][-1:]
        assert curve["points"] == len(expected[tag])


@pytest.mark.parametrize("writer", ["tensorflow", "tensorboardx", "flax"])
def test_the_last_points_of_every_writer_are_those_that_tensorboard_reads(writer: str):
    check_curves(FOLDER / writer, by_folder(FOLDER / writer, purge=True))


@settings(max_examples=examples(15), deadline=None)
@given(logs(most_files=1, starts=False, tensors=True))
def test_the_last_points_of_any_log_are_those_that_tensorboard_reads(files: list[File]):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder, files)
        if read(folder):
            check_curves(folder, by_folder(folder, purge=False))


def test_each_run_has_a_line_with_its_steps_images_and_account(tmp_path: Path):
    runs = [record(tmp_path / name, small_run()) for name in ("a", "b")]
    with next(runs[1].glob("*tfevents*")).open("ab") as file:
        file.write(b"\x07" * 5)
    first, second = printed(*runs)
    assert [first["path"], second["path"]] == [str(run) for run in runs]
    assert all({"step", "images"} <= curve.keys() for curve in first["curves"].values())
    assert first["left_out"] == [] and LeftOut.from_json(second["left_out"]).sentences()


def test_json_and_follow_contradict_each_other():
    result = CliRunner().invoke(app, ["replay", "--json", "--follow", str(FOLDER)])
    assert "--json and --follow contradict each other." in str(result.exception)
