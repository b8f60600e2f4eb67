"""`train --no-ui` while its folder is missing for a time, and under a limit on the size of files."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from jem_tui.events.run import Note, StepDone
from jem_tui.stream.reader.log_cache import read_recording
from jem_tui.stream.replay.replayer import read_events
from tests.cli.program import SMALL, read_until, setting_words
from tests.wait_until import wait_until

pytestmark = pytest.mark.slow


def train(run_dir: Path, steps: int, *more: str, prepare: Callable[[], None] | None = None) -> subprocess.Popen[str]:
    """Start a training run with plain output; the child process calls `prepare` before it executes Python."""
    command = [sys.executable, "-m", "jem_tui", "train", "--no-ui", "--device", "cpu", "--max-steps", str(steps)]
    return subprocess.Popen(
        [*command, *setting_words(*SMALL), *more, "--run-dir", str(run_dir)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=prepare,
    )


def recorded_steps(run_dir: Path) -> list[int]:
    """Return the steps of a recording."""
    return [event.step for event in read_events(run_dir) if isinstance(event, StepDone)]


def test_a_folder_that_is_missing_for_a_time_costs_no_step(tmp_path: Path):
    run_dir, away = tmp_path / "run", tmp_path / "away"
    process = train(run_dir, 600)
    wait_until(
        lambda: any(path.stat().st_size > 20_000 for path in run_dir.glob("*tfevents*")), "the run is not recorded"
    )
    run_dir.rename(away)
    run_dir.write_text("something else")
    read_until(process, "cannot be recorded")
    run_dir.unlink()
    away.rename(run_dir)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert "The run is recorded again; nothing is missing." in out
    assert "could not be recorded once" in err
    assert recorded_steps(run_dir) == list(range(1, 601))
    assert sum("recorded again" in i.text for i in read_recording(run_dir).entries if isinstance(i, Note)) == 1


def test_a_limit_on_file_size_costs_no_step(tmp_path: Path):
    # large enough for a checkpoint
    limit = 3_400_000

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
