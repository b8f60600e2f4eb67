"""Training runs without the screen: signals at random moments, a closed window, Ctrl-Z and `fg`."""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from pathlib import Path

import pexpect
import pytest

from jem_tui.signals import ENDING
from tests.cli.program import SMALL, read_until, setting_words, start
from tests.e2e.forked_program import wait_for_exit

WORDS = setting_words(*SMALL)

pytestmark = pytest.mark.slow


def check_saved(run_dir: Path) -> None:
    """Check an interrupted run: the newest checkpoint is of its last step."""
    content = json.loads((run_dir / "run.json").read_text())
    assert content["status"] == "interrupted"
    newest = max((run_dir / "checkpoints").glob("*.pt"))
    assert newest.stem == f"step_{content['step']:06d}"


OTHERS = [pytest.param(number, marks=pytest.mark.exhaustive) for number in ENDING if number != signal.SIGHUP]
"""Signals that `signalled_runs` sends, too, of which SIGINT and SIGTERM have tests among those of the command line."""


@pytest.mark.parametrize("number", [signal.SIGHUP, *OTHERS], ids=lambda number: number.name)
def test_a_signal_at_a_random_moment_saves(number: signal.Signals, tmp_path: Path):
    face, word = (("--json", '"StepDone"'), ("--no-ui", "step"))[number % 2]
    often = ["-s", "record.evaluate_every=7", "-s", "record.checkpoint_every=5"]
    process = start("train", face, *WORDS, *often, "--run-dir", tmp_path / "run")
    read_until(process, word)
    time.sleep(random.Random(number).uniform(0, 1.5))
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    check_saved(tmp_path / "run")


def training_command(run_dir: Path) -> list[str]:
    """Return the command line of a training run with a progress bar."""
    return [sys.executable, "-m", "jem_tui", "train", "--no-ui", *WORDS, "--run-dir", str(run_dir)]


def test_closing_the_window_saves(tmp_path: Path):
    command = training_command(tmp_path / "run")
    terminal = pexpect.spawn(command[0], command[1:], encoding="utf-8", timeout=60)
    terminal.expect("step [1-9]")
    terminal.ptyproc.fileobj.close()
    assert wait_for_exit(terminal.pid) == 130
    terminal.closed = True
    check_saved(tmp_path / "run")


def test_ctrl_z_shows_the_cursor_and_fg_continues_the_progress_bar(tmp_path: Path):
    shell = pexpect.spawn(
        "bash", ["--norc", "--noprofile", "-i"], encoding="utf-8", timeout=60, env={**os.environ, "PS1": "ready> "}
    )
    shell.expect("ready> ")
    shell.sendline(" ".join(training_command(tmp_path / "run")))
    shell.expect("step [1-9]")
    shell.send("\x1a")
    shell.expect("Stopped")
    # the progress bar hides the cursor, and shows it again before it stops
    assert shell.before.rfind("\x1b[?25h") > shell.before.rfind("\x1b[?25l")
    shell.expect("ready> ")
    shell.sendline("fg")
    shell.expect(r"\x1b\[\?25l")
    shell.expect("step [1-9]")
    shell.send("\x03")
    shell.expect("interrupted at step")
    shell.expect("ready> ")
    shell.sendline("echo $?")
    shell.expect("130")
    check_saved(tmp_path / "run")
    shell.close()
