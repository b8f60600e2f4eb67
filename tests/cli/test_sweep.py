"""`jem-tui sweep`: what it refuses, its results, and its runs."""

from __future__ import annotations

import json
import signal
import sys
from io import StringIO
from types import SimpleNamespace

import pytest
from rich.console import Console

from jem_tui.cli.sweep import default_folder, drawing, stopping
from jem_tui.launch import sweep_run
from jem_tui.launch.sweep_grid import make_grid
from jem_tui.launch.sweep_schedule import Sweep
from tests.cli.in_process import call, refused_here
from tests.cli.program import SMALL, jem_tui, setting_words


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--run-dir", "x"], "--run-dir is set by the sweep itself"),
        (["-s", "sgld.stepps=5,10"], "sgld.stepps"),
        (["-s", "sgld.steps=5,x"], "sgld.steps"),
        (["-s", "sgld.steps"], "section.key=value,value"),
        (["--no-such-option"], "no-such-option"),
        (["--by", "acuracy"], "--by acuracy is not a score (did you mean accuracy?)"),
        (["--max-steps", "many"], "Invalid value for '--max-steps'"),
    ],
)
def test_wrong_sweeps_are_refused_before_a_run_starts(tmp_path, words, why):
    assert why in refused_here("sweep", *words, cwd=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_more_values_keep_the_folder_and_other_options_and_single_values_do_not():
    one, more = (make_grid([f"sgld.steps={values}"]) for values in ("5,10", "5,10,20"))
    assert default_folder([], one) == default_folder([], more)
    assert default_folder(["--minutes", "1"], one) != default_folder([], one)
    single = [
        make_grid([f"optimizer.rate={rate}", f"sgld.steps={steps}"]) for rate in (1, 3) for steps in ("5", "5,10")
    ]
    assert len({default_folder([], points) for points in single}) == 4


def test_signals_that_arrive_twice_without_a_request_interrupt_runs_once(tmp_path, monkeypatch):
    sweep, sent = Sweep(tmp_path / "sweep", make_grid([]), [], "validation/xe", stop_worst=False), []
    monkeypatch.setattr(sweep.runs[0], "_process", SimpleNamespace(pid=12, poll=lambda: None))
    monkeypatch.setattr(sweep_run.os, "kill", lambda *signal: sent.append(signal))
    stop = stopping(sweep)
    for number in (signal.SIGHUP, signal.SIGHUP, signal.SIGXCPU, signal.SIGXCPU, signal.SIGINT, signal.SIGHUP):
        stop(number, None)
    assert sent == [(12, signal.SIGINT)]
    stop(signal.SIGTERM, None)
    assert sent == [(12, signal.SIGINT)] * 2


def test_a_terminal_that_has_gone_ends_no_sweep():
    class Gone(StringIO):
        def write(self, text):
            raise OSError(5, "Input/output error")

    console = Console(file=Gone())
    for _ in range(2):
        with drawing(console):
            console.print("table")
    assert console.quiet


def test_results_are_a_table_or_json(tmp_path, monkeypatch):
    monkeypatch.setattr(sweep_run, "TRAIN", (sys.executable, "-m", "tests.launch.stub_training"))
    words = ["sweep", "-s", "sgld.steps=5,10", "--jobs", 2, "--dir", tmp_path / "sweep"]
    printed = call(*words)
    assert printed.returncode == 0
    assert [row.split() for row in printed.stdout.splitlines()] == [
        ["sgld.steps", "state", "step", "validation/accuracy"],
        ["5", "finished", "4", "0.5000", "★"],
        ["10", "finished", "4", "0.5000"],
    ]
    assert "sgld.steps=5: started" in printed.stderr and "sgld.steps=10: finished at step 4" in printed.stderr
    runs = json.loads(call(*words, "--json").stdout)
    assert [(run["settings"], run["state"], run["exit_code"]) for run in runs] == [
        ({"sgld.steps": "5"}, "finished", 0),
        ({"sgld.steps": "10"}, "finished", 0),
    ]


@pytest.mark.slow
def test_a_sweep_trains_runs_that_other_commands_read(tmp_path):
    words = [
        *setting_words(*SMALL, "record.evaluate_every=3", "optimizer.rate=1e-3,3e-3"),
        "--max-steps",
        6,
        "--device",
        "cpu",
    ]
    done = jem_tui("sweep", *words, "--dir", tmp_path / "sweep", "--json")
    assert done.returncode == 0, done.stderr
    runs = json.loads(done.stdout)
    assert [(run["state"], run["step"]) for run in runs] == [("finished", 6), ("finished", 6)]
    assert all(0 <= run["value"] <= 1 for run in runs)
    assert len(json.loads(jem_tui("runs", tmp_path / "sweep", "--json").stdout)) == 2
