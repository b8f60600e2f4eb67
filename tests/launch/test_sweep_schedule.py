"""Sweeps whose runs are played by a stand-in."""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path

import pytest

from jem_tui.errors import InputError
from jem_tui.launch import sweep_run
from jem_tui.launch.sweep_grid import make_grid
from jem_tui.launch.sweep_schedule import SWEEP_FILE, Sweep
from tests.wait_until import wait_until


@pytest.fixture(autouse=True)
def replaced_training(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep_run, "TRAIN", (sys.executable, "-m", "tests.launch.stub_training"))


def make_sweep(folder: Path, *words: str, stop_worst: bool = False) -> Sweep:
    return Sweep(folder, make_grid(list(words)), [], "validation/accuracy", stop_worst=stop_worst)


def starts(sweep: Sweep) -> list[int]:
    """Return how often each run was started and not found finished."""
    return [len((run.folder / "starts").read_text()) if run.began else 0 for run in sweep.runs]


@pytest.mark.slow
def test_failures_end_no_sweep_and_the_same_sweep_repeats_only_what_has_not_finished(tmp_path):
    words = "x.score=0.5,0.7", "x.end=ok,fail"
    sweep, seen = make_sweep(tmp_path / "sweep", *words), []
    assert sweep.work(2, lambda run: seen.append((run.point.name, run.state))) == 1
    assert [run.state for run in sweep.runs] == ["finished", "failed", "finished", "failed"]
    assert len(seen) == 8 and sweep.best() is sweep.runs[2]
    assert sweep.runs[2].curve == dict.fromkeys((1, 2, 3, 4), 0.7) and sweep.runs[2].step == 4
    again = make_sweep(tmp_path / "sweep", *words)
    assert again.work(4, lambda run: None) == 1
    assert starts(again) == [1, 2, 1, 2]


@pytest.mark.slow
@pytest.mark.parametrize(("ends", "code"), [("ok,diverge", 3), ("fail,diverge", 1), ("ok,fine", 0)])
def test_exit_codes_are_those_of_runs(tmp_path, ends, code):
    assert make_sweep(tmp_path / "sweep", f"x.end={ends}").work(2, lambda run: None) == code


def test_an_interruption_stops_all_runs_and_starts_no_more(tmp_path):
    sweep = make_sweep(tmp_path / "sweep", "x.end=wait", "x.score=1,2,3")
    codes: list[int] = []
    thread = threading.Thread(target=lambda: codes.append(sweep.work(2, lambda run: None)))
    thread.start()
    wait_until(lambda: [len(run.curve) for run in sweep.runs] == [4, 4, 0], "the runs did not start")
    sweep.interrupt()
    thread.join(10)
    assert codes == [130] and [run.state for run in sweep.runs] == ["interrupted", "interrupted", "waiting"]


@pytest.mark.slow
def test_a_run_that_falls_behind_is_stopped_and_stays_so(tmp_path):
    folder = tmp_path / "sweep"
    assert make_sweep(folder, "x.score=0.7,0.8,0.9").work(3, lambda run: None) == 0
    behind = make_sweep(folder, "x.score=0.7,0.8,0.9,0.1", stop_worst=True)
    for run in behind.runs[:3]:
        run.curve = {step: float(run.point.words[0].partition("=")[2]) for step in (1, 2, 3, 4)}
    behind.runs[3].point = behind.runs[3].point._replace(words=("x.score=0.1", "x.end=wait"))
    assert behind.work(4, lambda run: None) == 0
    assert behind.runs[3].state == "stopped early"
    assert json.loads((folder / SWEEP_FILE).read_text())["stopped_early"] == ["x.score=0.1"]
    again = make_sweep(folder, "x.score=0.7,0.8,0.9,0.1", stop_worst=True)
    assert again.work(1, lambda run: None) == 0
    assert again.runs[3].state == "stopped early" and starts(again)[3] == 1


def test_another_folder_is_refused(tmp_path):
    (tmp_path / "file").touch()
    for folder in (tmp_path, tmp_path / "file"):
        with pytest.raises(InputError, match="not the folder of a sweep"):
            make_sweep(folder, "x.score=1")
    (tmp_path / SWEEP_FILE).write_text("[1")
    with pytest.raises(InputError, match="cannot be read"):
        make_sweep(tmp_path, "x.score=1")


def test_a_program_that_cannot_be_started_is_a_failed_run(tmp_path, monkeypatch):
    monkeypatch.setattr(sweep_run, "TRAIN", (str(tmp_path / "missing"),))
    sweep = make_sweep(tmp_path / "sweep", "x.score=1")
    assert sweep.work(1, lambda run: None) == 1
    assert sweep.runs[0].state == "failed"
