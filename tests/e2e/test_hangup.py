"""A terminal whose window is closed while the program runs, and a program without input."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pexpect
import pytest

from jem_tui.tui.terminal.hangup import HangupSafeFile
from tests.cli.program import SMALL, setting_words
from tests.e2e.emulated_terminal import Terminal, steps_shown
from tests.e2e.forked_program import wait_for_exit


def close_window(terminal: Terminal) -> None:
    """Close the terminal's side of the pseudo-terminal, so that the program gets a hangup."""
    terminal.process.ptyproc.fileobj.close()
    terminal.process.closed = True


@pytest.mark.slow
@pytest.mark.parametrize("paused", [True, False])
def test_closing_the_window_saves_and_ends_the_run(tmp_path: Path, paused: bool):
    settings = setting_words(*SMALL, "train.threads=1", "train.epochs=400")
    terminal = Terminal("train", "--run-dir", tmp_path / "run", *settings)
    terminal.wait(lambda text: "TRAINING" in text and steps_shown(text) >= 3)
    if paused:
        terminal.send("p")
        terminal.wait(lambda text: "PAUSED" in text)
    close_window(terminal)
    assert wait_for_exit(terminal.process.pid) == 130
    content = json.loads((tmp_path / "run" / "run.json").read_text())
    assert content["status"] == "interrupted"
    assert [path.stem for path in (tmp_path / "run" / "checkpoints").glob("*.pt")] == [f"step_{content['step']:06d}"]


@pytest.mark.slow
def test_without_a_keyboard_there_is_no_screen(tmp_path: Path):
    settings = " ".join(setting_words(*SMALL, "train.max_steps=2"))
    command = f"{sys.executable} -m jem_tui train --run-dir {tmp_path / 'run'} {settings} < /dev/null"
    process = pexpect.spawn("/bin/sh", ["-c", command], encoding="utf-8", timeout=60)
    process.expect(pexpect.EOF)
    process.close()
    assert process.exitstatus == 0 and "\x1b[?1049h" not in process.before


def test_a_file_that_cannot_be_written_drops_text_and_reports_the_failure_once():
    reading, writing = os.pipe()
    calls = []
    with os.fdopen(writing, "w", buffering=1) as file:
        hangup_safe = HangupSafeFile(file, lambda: calls.append(1))
        hangup_safe.write("read\n")
        assert os.read(reading, 9) == b"read\n"
        os.close(reading)
        for _ in range(3):
            hangup_safe.write("lost\n")
            hangup_safe.flush()
        assert calls == [1]
        # closing the file flushes its buffer
        os.dup2(os.open(os.devnull, os.O_WRONLY), writing)
