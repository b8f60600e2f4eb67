"""Recordings that `jem-tui replay` opens or refuses."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from jem_tui.cli.application import app
from jem_tui.errors import InputError
from jem_tui.events.run import TOTAL, RunStarted, StepDone, Stopped
from jem_tui.stream.writer.recorder import Recorder


def recorded(run_dir: Path, steps: int) -> Path:
    """Record a finished run of `steps` steps; return its folder."""
    recorder = Recorder(run_dir, ["jem-tui", "train"])
    where = {"images": 0, "time": 0.0}
    recorder(
        RunStarted(
            step=0,
            **where,
            config={},
            device="cpu",
            seed=7,
            parameters=0,
            tile_shape=(28, 28, 1),
            class_names=(),
            total_steps=steps,
            steps_per_epoch=steps,
            run_dir=str(run_dir),
        )
    )
    for step in range(1, steps + 1):
        recorder(StepDone(step=step, images=64 * step, time=float(step), epoch=0, metrics={TOTAL: 1.0 / step}))
    recorder(Stopped(step=steps, images=64 * steps, time=float(steps), reason="finished"))
    return run_dir


def replay(*words: object) -> str:
    """Run `jem-tui replay` in this process; return stdout. Raises the exception of the command."""
    result = CliRunner().invoke(app, ["replay", *map(str, words)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.stdout


def test_without_a_name_the_most_recently_written_run_is_replayed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    for name, steps, age in (("b-old", 3, 900.0), ("a-new", 7, 10.0), ("c-older", 5, 5000.0)):
        for path in recorded(Path("runs") / name, steps).glob("*tfevents*"):
            os.utime(path, (1e9 - age, 1e9 - age))
    assert replay("--once") == replay("--once", "runs/a-new")


def test_without_a_name_in_the_folder_of_the_runs_the_newest_of_them_is_replayed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    recorded(tmp_path / "only", 3)
    monkeypatch.chdir(tmp_path)
    assert replay("--once") == replay("--once", "only")


def test_without_a_name_and_without_runs_a_hint_names_train(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="no run below runs/") as caught:
        replay("--once")
    assert "jem-tui train" in caught.value.hint


def test_several_runs_are_printed_one_after_the_other(tmp_path: Path):
    runs = [recorded(tmp_path / name, steps) for name, steps in (("first", 3), ("second", 7))]
    text = replay("--once", *runs)
    assert text.index("first") < text.index(replay("--once", runs[0])) < text.index("second")
    assert text.endswith(replay("--once", runs[1]))


def test_once_and_follow_together_are_refused(tmp_path: Path):
    with pytest.raises(InputError, match="contradict"):
        replay("--once", "--follow", tmp_path)
