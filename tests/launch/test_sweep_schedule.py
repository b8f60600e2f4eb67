"""Sweeps whose runs are played by a stand-in."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from jem_tui.errors import InputError
from jem_tui.launch import sweep_run
from jem_tui.launch.sweep_file import SWEEP_FILE
from jem_tui.launch.sweep_grid import make_grid
from jem_tui.launch.sweep_schedule import Sweep
from jem_tui.stream.runs.run_lock import take_run_lock
from tests.wait_until import PATIENCE, wait_until


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
    thread.join(PATIENCE)
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


def sweep_of(folder: Path, options: list[str], *words: str) -> Sweep:
    return Sweep(folder, make_grid(list(words)), options, "validation/accuracy", stop_worst=False)


def test_a_run_that_began_with_other_settings_or_options_is_refused(tmp_path):
    folder = tmp_path / "sweep"
    words = "x.score=1,2", "x.end=ok"
    assert sweep_of(folder, ["--a", "1"], *words).work(2, lambda run: None) == 0
    for options, changed in ((["--a", "1"], ("x.score=1,3", "x.end=fine")), (["--a", "2"], words)):
        with pytest.raises(InputError, match=r"started with -s x\.end=ok -s x\.score=1 --a 1, and not with"):
            sweep_of(folder, options, *changed)
    sweep_of(folder, ["--a", "1"], "x.score=1,2,3", "x.end=ok")
    sweep_of(folder, ["--a", "2"], "x.score=4,5", "x.end=fine")


def test_a_run_that_has_not_begun_can_start_with_other_options(tmp_path, monkeypatch):
    monkeypatch.setattr(sweep_run, "TRAIN", (str(tmp_path / "missing"),))
    sweep_of(tmp_path / "sweep", ["--a", "1"]).work(1, lambda run: None)
    sweep_of(tmp_path / "sweep", ["--a", "2"])


@pytest.mark.parametrize(
    "runs", [[], {"run": []}, {"run": {"settings": [1], "options": []}}, {"run": {"settings": []}}]
)
def test_a_damaged_record_of_runs_is_refused(tmp_path, runs):
    (tmp_path / SWEEP_FILE).write_text(json.dumps({"schema": 1, "stopped_early": [], "runs": runs or 3}))
    with pytest.raises(InputError, match="is damaged"):
        make_sweep(tmp_path, "x.score=1")


def test_a_run_is_interrupted_once_until_a_person_repeats_the_request(tmp_path, monkeypatch):
    sweep, sent = make_sweep(tmp_path / "sweep", "x.score=1,2,3,4", stop_worst=True), []
    monkeypatch.setattr(sweep_run.os, "kill", lambda *given: sent.append(given))
    for number, run in enumerate(sweep.runs):
        monkeypatch.setattr(run, "_process", SimpleNamespace(pid=number, poll=lambda: None))
        run.curve = {1: number, 2: number}
    sweep._stop_those_behind(sweep.runs[:1])
    sweep.interrupt()
    sweep._stop_those_behind(sweep.runs)
    assert sent == [(number, signal.SIGINT) for number in range(4)]
    assert [run.early for run in sweep.runs] == [True, False, False, False]
    sweep.interrupt(hurry=True)
    assert len(sent) == 8


def test_an_error_of_the_sweep_leaves_no_run_behind(tmp_path):
    sweep = make_sweep(tmp_path / "sweep", "x.end=wait")

    def refresh() -> None:
        if sweep.runs[0].curve:
            raise RuntimeError("a fault of the display")

    with pytest.raises(RuntimeError, match="a fault of the display"):
        sweep.work(1, lambda run: None, refresh)
    assert sweep.runs[0].state == "interrupted" and sweep.runs[0].code == 130


def test_a_run_in_a_folder_that_another_process_writes_is_in_use(tmp_path, monkeypatch):
    monkeypatch.setattr(sweep_run, "TRAIN", (sys.executable, "-c", "raise SystemExit(2)"))
    sweep = make_sweep(tmp_path / "sweep", "x.score=1,2")
    sweep.runs[0].folder.mkdir(parents=True)
    (tmp_path / "sweep" / SWEEP_FILE).write_text("{}")
    lock = take_run_lock(sweep.runs[0].folder)
    try:
        assert sweep.work(2, lambda run: None) == 1
    finally:
        lock.release()
    assert [run.state for run in sweep.runs] == ["in use", "failed"]


def test_the_best_run_has_a_finite_score(tmp_path):
    sweep = make_sweep(tmp_path / "sweep", "x.score=1,2,3")
    for run, value in zip(sweep.runs, (float("nan"), 0.5, float("inf")), strict=True):
        run.curve = {1: 0.9, 2: value}
    assert sweep.best() is sweep.runs[1]
    sweep.runs[1].curve = {}
    assert sweep.best() is None


def test_runs_that_were_stopped_early_resume_without_the_rule(tmp_path):
    content = {"schema": 1, "options": [], "stopped_early": ["x.score=1"]}
    (tmp_path / SWEEP_FILE).write_text(json.dumps(content))
    settled = make_sweep(tmp_path, "x.score=1", stop_worst=True)
    assert settled.work(1, lambda run: None) == 0 and settled.runs[0].state == "stopped early"
    resumed = make_sweep(tmp_path, "x.score=1")
    assert resumed.work(1, lambda run: None) == 0 and resumed.runs[0].state == "finished"
    assert json.loads((tmp_path / SWEEP_FILE).read_text())["stopped_early"] == []


GRANDCHILD = """
import subprocess, sys
subprocess.Popen([sys.executable, "-c", '''
import time, pathlib
until = time.monotonic() + 60
while not pathlib.Path("go").exists() and time.monotonic() < until:
    time.sleep(0.02)
pathlib.Path("ended").touch()
'''])
"""


def test_a_process_that_keeps_the_output_of_an_ended_run_open_does_not_delay_the_sweep(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sweep_run, "TRAIN", (sys.executable, "-c", GRANDCHILD))
    monkeypatch.setattr(sweep_run, "PATIENCE", 0.05)
    assert make_sweep(tmp_path / "sweep", "x.score=1").work(1, lambda run: None) == 0
    assert not Path("ended").exists()
    Path("go").touch()
    wait_until(lambda: Path("ended").exists(), "the process did not end")


WRONG_LINES = r"""
import sys
sys.stdout.buffer.write(b'{"event": "StepDone", "step": 1e999}\n\xff\n' + b'{"event": "StepDone"' + b"[" * 100_000 + b"\n")
sys.stdout.buffer.write(b"x" * 1_000_000 + b'\n{"event": "StepDone", "step": 7}\n')
"""


def test_wrong_lines_neither_block_a_run_nor_end_the_reader(tmp_path, monkeypatch):
    monkeypatch.setattr(sweep_run, "TRAIN", (sys.executable, "-c", WRONG_LINES))
    run = make_sweep(tmp_path, "x.score=1").runs[0]
    run.start([])
    wait_until(run.poll, "the run did not end")
    assert (run.state, run.step) == ("finished", 7)


def test_a_reader_that_fails_empties_the_pipe(tmp_path):
    def broken(limit: int) -> str:
        raise MemoryError

    end, start = os.pipe()
    os.write(start, b"x" * 1000)
    os.close(start)
    make_sweep(tmp_path, "x.score=1").runs[0]._read(SimpleNamespace(readline=broken, fileno=lambda: end))
    assert os.read(end, 1) == b""
    os.close(end)
