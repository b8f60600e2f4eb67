"""Runs under torchrun and `train --ranks`, as a person starts them: restarts, viewers, signals, terminals. No process is left."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from jem_tui.events.commands import Adjust, Pause, Resume
from jem_tui.events.run import Adjusted, Paused, RunStarted, StepDone
from jem_tui.stream.replay.replayer import read_events
from jem_tui.stream.runs.run_dir import read_run_file
from tests.cli.program import start
from tests.e2e.emulated_terminal import RESTORED, Terminal, steps_shown
from tests.ranks.marked_run import MarkedRun, torchrun
from tests.ranks.small_run import WORDS
from tests.ranks.steering_viewer import steering

pytestmark = pytest.mark.slow
ENDLESS = ("--max-steps", 1_000_000)


def test_a_killed_rank_is_restarted_and_viewers_rejoin(tmp_path: Path):
    run_dir = tmp_path / "run"
    words = [*WORDS, *ENDLESS, "--run-dir", run_dir, "--continue"]
    with MarkedRun(tmp_path, *torchrun("--max-restarts", "1"), *words) as run, steering(run_dir) as viewer:
        other = start("attach", run_dir)
        viewer.until_step(30)
        assert other.stdout is not None
        assert any(line.startswith("step") for line in other.stdout)
        other.kill()
        other.wait()
        viewer.send(Pause())
        viewer.until_received(Paused)
        viewer.advance(viewer.step + 3)
        viewer.send(Resume())
        run.rank(1).kill()
        received = len(viewer.events)
        viewer.until_received(RunStarted, received)
        viewer.send(Adjust(name="sgld.steps", increments=1))
        viewer.until_received(Adjusted, received)
        run.rank(1).send_signal(signal.SIGTERM)
        assert run.end() in (1, 130), run.printed()
    assert "Traceback" not in run.out and "/jem_tui/" not in run.err, run.printed()
    events = list(read_events(run_dir))
    assert sum(isinstance(event, RunStarted) for event in events) >= 2
    steps = [event.step for event in events if isinstance(event, StepDone)]
    assert steps == list(range(1, len(steps) + 1))
    assert read_run_file(run_dir).status == "interrupted"


def test_the_screen_of_rank_0_follows_the_size_of_the_window(tmp_path: Path):
    run_dir = tmp_path / "run"
    words = [word for word in WORDS if word != "--no-ui"]
    terminal = Terminal(*words, *ENDLESS, "--run-dir", run_dir, program=torchrun()[1:])
    terminal.wait(lambda text: "TRAINING" in text and steps_shown(text) > 5)
    terminal.resize(40, 150)
    terminal.wait(lambda text: any(len(line.rstrip()) > 140 for line in text.splitlines()))
    terminal.send("p")
    terminal.wait(lambda text: "PAUSED" in text)
    assert_stops(terminal, run_dir)


def test_the_screen_of_train_with_ranks_is_a_viewer(tmp_path: Path):
    run_dir = tmp_path / "run"
    words = [word for word in WORDS if word != "--no-ui"]
    terminal = Terminal(*words, *ENDLESS, "--run-dir", run_dir, "--ranks", 2)
    terminal.wait(lambda text: "TRAINING" in text and steps_shown(text) > 5)
    assert_stops(terminal, run_dir)


def assert_stops(terminal: Terminal, run_dir: Path) -> None:
    """Stop and save a run from its screen, which must restore the terminal and end with 0."""
    terminal.send("q")
    terminal.wait(lambda text: "Stop and save" in text)
    terminal.send("s")
    assert terminal.end() == 0, terminal.raw[-2000:]
    assert all(sequence in terminal.raw for sequence in RESTORED)
    assert read_run_file(run_dir).status == "stopped"
