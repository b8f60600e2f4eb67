"""A live training run in a real terminal whose screen fails, hangs, is suspended or gets signals."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import pexpect
import pytest

from tests.cli.program import SMALL, setting_words
from tests.e2e.emulated_terminal import RESTORED, Terminal

WORDS = setting_words(*SMALL, "train.threads=1", "train.epochs=400")

RARE = [
    pytest.param(name, marks=pytest.mark.exhaustive) for name in ("SIGHUP", "SIGUSR1", "SIGUSR2", "SIGXCPU", "SIGALRM")
]
ALTERNATE_SCREEN = "\x1b[?1049h"
"""Sequence by which a program enters its screen."""
FAULTS = {
    "fails": "raise IndexError('index 28 is out of bounds')",
    "hangs": "while True: pass",
}


def broken_program(folder: Path, fault: str) -> dict[str, str]:
    """Return an environment in which the program executes the statement `fault` when the key S is pressed."""
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(
        "import sys\n"
        "class Finder:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'jem_tui.tui.supervised_screen':\n"
        "            import jem_tui.tui.app\n"
        "            def action_save_screenshot(self):\n"
        "                self.answered.__self__._patience = 2.0\n"
        f"                {fault}\n"
        "            jem_tui.tui.app.JemApp.action_save_screenshot = action_save_screenshot\n"
        "sys.meta_path.insert(0, Finder())\n"
    )
    return {"PYTHONPATH": os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])])}


def train(run: Path, **environment: str) -> Terminal:
    """Start a training run and wait for its first chart."""
    terminal = Terminal("train", "--run-dir", run, *WORDS, **environment)
    terminal.wait(lambda text: "TRAINING" in text and "JEM/total" in text)
    return terminal


def is_drawn(output: tuple[str, str, str]) -> bool:
    """Return whether a screen was entered and its chart drawn, given the output around the last entry."""
    _, entered, following = output
    return bool(entered) and "TRAINING" in following and "JEM/total" in following


def saved(run: Path) -> dict[str, Any]:
    """Return run.json of a run; check that its last step has the only checkpoint."""
    content: dict[str, Any] = json.loads((run / "run.json").read_text())
    assert [path.stem for path in (run / "checkpoints").glob("*.pt")] == [f"step_{content['step']:06d}"]
    return content


@pytest.mark.slow
def test_a_failing_screen_restarts_twice_then_the_run_continues_as_plain_lines(tmp_path: Path):
    run = tmp_path / "run"
    terminal = train(run, **broken_program(tmp_path / "broken", FAULTS["fails"]))
    for number in (1, 2):
        before = len(terminal.raw)
        terminal.send("S")
        terminal.wait(lambda text, number=number: (run / f"screen-error-{number}.txt").exists())
        # The text of the screen that has failed stays until the next one is drawn
        terminal.wait(lambda text, before=before: is_drawn(terminal.raw[before:].rpartition(ALTERNATE_SCREEN)))
    terminal.send("S")
    terminal.wait(lambda text: "The run continues without the screen." in text)
    assert all(sequence in terminal.raw for sequence in RESTORED)
    terminal.send("\x03")
    assert terminal.end() == 130
    assert "IndexError: index 28 is out of bounds" in terminal.raw
    assert "IndexError" in (run / "screen-error-3.txt").read_text()
    content = saved(run)
    assert content["status"] == "interrupted"
    assert terminal.raw.rstrip().splitlines()[-1].startswith(f"jem-tui: interrupted at step {content['step']:,}")


@pytest.mark.slow
def test_a_hanging_screen_is_abandoned_and_an_earlier_signal_saves(tmp_path: Path):
    run = tmp_path / "run"
    terminal = train(run, **broken_program(tmp_path / "broken", FAULTS["hangs"]))
    terminal.send("S")
    terminal.process.kill(signal.SIGTERM)
    assert terminal.end() == 130
    assert all(sequence in terminal.raw for sequence in RESTORED)
    assert saved(run)["status"] == "interrupted"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", *RARE])
def test_every_ending_signal_saves_and_restores_the_terminal(tmp_path: Path, name: str):
    run = tmp_path / "run"
    terminal = train(run)
    terminal.process.kill(getattr(signal, name))
    assert terminal.end() == 130
    assert all(sequence in terminal.raw for sequence in RESTORED)
    assert saved(run)["status"] == "interrupted"


@pytest.mark.slow
def test_sigquit_exits_immediately_and_restores_the_terminal(tmp_path: Path):
    terminal = train(tmp_path / "run")
    terminal.process.kill(signal.SIGQUIT)
    assert terminal.end() == 130
    assert all(sequence in terminal.raw for sequence in RESTORED)
    assert json.loads((tmp_path / "run" / "run.json").read_text())["status"] == "interrupted"


@pytest.mark.slow
def test_ctrl_z_restores_the_terminal_for_the_shell_and_fg_shows_the_screen_again(tmp_path: Path):
    run = tmp_path / "run"
    terminal = Terminal("--version")
    terminal.end()
    terminal.process = pexpect.spawn(
        "bash",
        ["--norc", "--noprofile", "-i"],
        dimensions=(30, 110),
        encoding="utf-8",
        env={**os.environ, "PS1": "shell$ ", "TERM": "xterm-256color"},
    )
    terminal.wait(lambda text: "shell$" in text)
    terminal.send(f"{sys.executable} -m jem_tui train --run-dir {run} {' '.join(WORDS)}\r")
    terminal.wait(lambda text: "TRAINING" in text and "JEM/total" in text)
    before = len(terminal.raw)
    terminal.send("\x1a")
    terminal.wait(lambda text: "Stopped" in terminal.raw[before:] and "shell$" in terminal.raw[before:])
    assert all(sequence in terminal.raw[before:] for sequence in RESTORED)
    step = json.loads((run / "run.json").read_text())["step"]
    terminal.send("stty -a; echo\r")
    terminal.wait(lambda text: " icanon" in terminal.raw[before:] and " echo " in terminal.raw[before:])
    terminal.send("fg\r")
    terminal.wait(lambda text: "TRAINING" in text and "JEM/total" in text)
    terminal.send("q")
    terminal.wait(lambda text: "Stop and save" in text)
    terminal.send("s")
    terminal.wait(lambda text: "stopped at step" in terminal.raw)
    terminal.send("exit\r")
    assert terminal.end() == 0
    assert saved(run)["step"] >= step
