"""A run whose process was killed: `run.json` still calls it running, and every command knows that it is not."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from jem_tui.stream.runs.catalog import state_of
from jem_tui.stream.runs.run_dir import read_run_file
from tests.cli.forked import ForkedProgram
from tests.cli.in_process import call
from tests.cli.program import TRAIN
from tests.wait_until import wait_until


@pytest.mark.slow
def test_a_killed_run_has_crashed_cannot_be_attached_to_and_is_continued(tmp_path: Path) -> None:
    run_dir = tmp_path / "runs" / "killed"
    words = [*TRAIN, "-s", "record.checkpoint_every=5", "--run-dir", run_dir]
    process = ForkedProgram(*words)
    wait_until(lambda: any((run_dir / "checkpoints").glob("*.pt")), "no checkpoint was written")
    assert state_of(run_dir, read_run_file(run_dir)) == "running"
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert read_run_file(run_dir).status == "running"
    assert state_of(run_dir, read_run_file(run_dir)) == "crashed"
    assert "crashed" in call("runs", run_dir.parent).stdout
    attached = call("attach", run_dir)
    assert attached.returncode == 2 and "There is no live run" in attached.stderr
    step = max(int(path.stem[5:]) for path in (run_dir / "checkpoints").glob("*.pt"))
    continued = call(*words, "--continue", "--max-steps", step + 3)
    assert continued.returncode == 0, continued.stderr
    assert state_of(run_dir, read_run_file(run_dir)) == "finished"
