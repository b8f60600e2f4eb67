"""`train --no-ui` while its folder goes away and comes back, and under a limit on the size of files."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from jem_tui.events.run import Note, StepDone
from jem_tui.stream.reader.log_cache import read_recording
from jem_tui.stream.replay.replayer import read_events

SETTINGS = [
    "network.width=4",
    "buffer.size=64",
    "train.batch_size=16",
    "sgld.steps=2",
    "record.evaluate_images=50",
    "record.tiles=9",
]
WORDS = [word for setting in SETTINGS for word in ("-s", setting)]

pytestmark = pytest.mark.slow


def train(run_dir: Path, steps: int, *more: str, prepare: Callable[[], None] | None = None) -> subprocess.Popen[str]:
    command = [
        sys.executable,
        "-m",
        "jem_tui",
        "train",
        "--no-ui",
        "--device",
        "cpu",
        "--max-steps",
        str(steps),
        *WORDS,
    ]
    return subprocess.Popen(
        [*command, *more, "--run-dir", str(run_dir)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=prepare,
    )


def until(condition: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    for _ in range(600):
        if condition():
            return
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    pytest.fail("it never came")


def recorded_steps(run_dir: Path) -> list[int]:
    return [event.step for event in read_events(run_dir) if isinstance(event, StepDone)]


def test_a_folder_that_goes_away_and_comes_back_costs_nothing(tmp_path: Path):
    run_dir, away = tmp_path / "run", tmp_path / "away"
    process = train(run_dir, 1200)
    until(lambda: any(path.stat().st_size > 20_000 for path in run_dir.glob("*tfevents*")), process)
    run_dir.rename(away)
    run_dir.write_text("something else")
    time.sleep(3)
    run_dir.unlink()
    away.rename(run_dir)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert "Training goes on" in out and "The run is recorded again; nothing is missing." in out
    assert "could not be recorded once" in err
    assert recorded_steps(run_dir) == list(range(1, 1201))
    assert sum("recorded again" in i.text for i in read_recording(run_dir).entries if isinstance(i, Note)) == 1


def test_files_that_may_not_grow_cost_nothing(tmp_path: Path):
    limit = 3_400_000  # a checkpoint fits

    def prepare() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    process = train(tmp_path / "run", 200, "-s", "record.samples_every=1", "-s", "record.tiles=64", prepare=prepare)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    files = sorted((tmp_path / "run").glob("*tfevents*"), key=os.path.getsize)
    assert len(files) > 1 and files[-1].stat().st_size == limit
    assert "File too large" in out and "nothing is missing" in err
    assert recorded_steps(tmp_path / "run") == list(range(1, 201))
