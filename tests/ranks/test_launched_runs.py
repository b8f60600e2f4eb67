"""Runs of two launched ranks from start to end: exit code, output and run folder after each kind of end."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jem_tui.events.run import Stopped
from jem_tui.run_files import sorted_checkpoints
from jem_tui.stream.reader.log_reader import read_log
from jem_tui.stream.runs.run_dir import read_run_file
from tests.ranks.launched import LaunchedRun

pytestmark = pytest.mark.slow

Launch = Callable[..., LaunchedRun]
FAILING = """
import os
from torch import nn

class Net(nn.Module):
    def __init__(self, shape, classes):
        super().__init__()
        channels, height, width = shape
        self.linear, self.calls = nn.Linear(channels * height * width, classes), 0

    def forward(self, x):
        self.calls += 1
        if self.calls > 100 and os.environ["RANK"] == "1":
            raise ValueError("a fault on one rank")
        return self.linear(x.flatten(1))
"""


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Launch]:
    runs = []

    def start(*words: str, **options: object) -> LaunchedRun:
        runs.append(LaunchedRun(tmp_path, *words, **options))  # type: ignore[arg-type]
        return runs[-1]

    yield start
    for run in runs:
        run.kill()


def recorded_end(run: LaunchedRun) -> Stopped:
    """Return the last event of the log."""
    last = read_log(run.run_dir).entries[-1]
    assert isinstance(last, Stopped)
    return last


def test_a_run_ends_with_the_output_of_rank_0_alone(launch: Launch):
    run = launch("--json", "--max-steps", "20")
    assert run.end() == 0, run.err
    assert [event["step"] for event in run.events if event["event"] == "StepDone"] == list(range(1, 21))
    assert run.events[-1]["reason"] == "finished"
    assert read_run_file(run.run_dir).status == "finished"
    assert len(re.findall("finished at step 20", run.err)) == 1
    assert not list(run.run_dir.parent.glob(".jem-tui-ranks-*"))


def test_a_signal_to_rank_1_saves_and_interrupts_all_ranks(launch: Launch):
    run = launch("--json")
    run.await_steps(5)
    run.send(signal.SIGTERM, rank=1)
    assert run.end() == 130, run.err
    assert read_run_file(run.run_dir).status == "interrupted"
    assert recorded_end(run).reason == "interrupted"
    assert len(sorted_checkpoints(run.run_dir)) == 1


def test_ctrl_c_reaches_the_ranks_through_the_launcher(launch: Launch):
    run = launch("--json")
    run.await_steps(5)
    run.send(signal.SIGINT)
    assert run.end() == 130, run.err
    assert not [line for line in run.err.splitlines() if "torch" in line], run.err
    assert read_run_file(run.run_dir).status == "interrupted"
    assert len(sorted_checkpoints(run.run_dir)) == 1


def test_a_killed_rank_ends_the_run_with_one_sentence(launch: Launch):
    run = launch("--json")
    run.await_steps(5)
    run.send(signal.SIGKILL, rank=1)
    assert run.seconds_to_end() < 30
    assert run.end() == 1
    assert re.search(r"Rank 1 on \S+ \(process \d+\) has ended without a message", run.err), run.err
    assert run.err.count("has ended without a message") == 1
    assert "Traceback" not in run.err
    assert read_run_file(run.run_dir).status == "failed"
    assert "Rank 1" in recorded_end(run).error


@pytest.mark.exhaustive
def test_a_killed_rank_0_is_reported_by_another_rank(launch: Launch):
    run = launch("--json")
    run.await_steps(5)
    run.send(signal.SIGKILL, rank=0)
    assert run.seconds_to_end() < 30
    assert run.end() == 1
    assert run.err.count("Rank 0 on ") == 1, run.err
    assert "Traceback" not in run.err


def test_an_exception_on_one_rank_is_the_error_of_the_run(launch: Launch, tmp_path: Path):
    (tmp_path / "mine.py").write_text(FAILING)
    run = launch("--json", "--network", "mine:Net")
    assert run.end() == 1
    stopped = recorded_end(run)
    assert re.match(r"Rank 1 on \S+ \(process \d+\): .*a fault on one rank", stopped.error), run.err
    assert run.err.count("a fault on one rank") == 1
    assert read_run_file(run.run_dir).status == "failed"
