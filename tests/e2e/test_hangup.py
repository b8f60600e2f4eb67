"""A terminal whose window is closed while the program runs in it, and one that sends no keys."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import pexpect
import pytest

from jem_tui.tui.terminal.hangup import HangupSafeFile
from tests.e2e.test_pty import SMALL, Terminal, steps_shown


def close_window(terminal: Terminal) -> None:
    terminal.process.ptyproc.fileobj.close()
    terminal.process.closed = True


def exit_code(terminal: Terminal, patience: float = 30.0) -> int:
    deadline = time.monotonic() + patience
    while (found := os.waitpid(terminal.process.pid, os.WNOHANG)) == (0, 0):
        assert time.monotonic() < deadline, "it goes on without a terminal"
        time.sleep(0.05)
    return os.waitstatus_to_exitcode(found[1])


@pytest.mark.parametrize("paused", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_a_run_whose_window_is_closed_is_saved_and_ends(tmp_path: Path, paused: bool):
    settings = [word for setting in [*SMALL, "train.epochs=400"] for word in ("-s", setting)]
    terminal = Terminal("train", "--run-dir", tmp_path / "run", *settings, size=(60, 200))
    terminal.wait(lambda text: "TRAINING" in text and steps_shown(text) >= 3)
    if paused:
        terminal.process.send("p")
        terminal.wait(lambda text: "PAUSED" in text)
    close_window(terminal)
    assert exit_code(terminal) == 130
    known = json.loads((tmp_path / "run" / "run.json").read_text())
    assert known["status"] == "interrupted"
    assert [path.stem for path in (tmp_path / "run" / "checkpoints").glob("*.pt")] == [f"step_{known['step']:06d}"]


def test_without_keys_there_is_no_screen(tmp_path: Path):
    settings = " ".join(f"-s {setting}" for setting in [*SMALL, "train.max_steps=2"])
    command = f"{sys.executable} -m jem_tui train --run-dir {tmp_path / 'run'} {settings} < /dev/null"
    process = pexpect.spawn("/bin/sh", ["-c", command], encoding="utf-8", timeout=60)
    process.expect(pexpect.EOF)
    process.close()
    assert process.exitstatus == 0 and "\x1b[?1049h" not in process.before


def test_a_file_that_can_no_longer_be_written_loses_what_comes_and_tells_it_once():
    reading, writing = os.pipe()
    calls = []
    with os.fdopen(writing, "w", buffering=1) as file:
        hangup_safe = HangupSafeFile(file, lambda: calls.append(1))
        hangup_safe.write("seen\n")
        assert os.read(reading, 9) == b"seen\n"
        os.close(reading)
        for _ in range(3):
            hangup_safe.write("lost\n")
            hangup_safe.flush()
        assert calls == [1]
        os.dup2(os.open(os.devnull, os.O_WRONLY), writing)  # what is left in the buffer goes nowhere
