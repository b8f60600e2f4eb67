"""A live training in a real terminal whose screen fails, hangs, is suspended or gets signals."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

import pexpect
import pytest

from tests.e2e.test_pty import SMALL, Terminal

WORDS = [word for setting in [*SMALL, "train.epochs=400"] for word in ("-s", setting)]
LEFT = ("\x1b[?1049l", "\x1b[?25h", "\x1b[?1000l")
"""What a terminal gets that is given back."""

FAULTS = {
    "fails": "raise IndexError('index 28 is out of bounds')",
    "hangs": "while True: pass",
}


def broken_program(folder: Path, fault: str) -> dict[str, str]:
    """Have every program of this environment fail as soon as the key S is pressed."""
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(
        "import sys\n"
        "class Finder:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'jem_tui.tui.supervised_screen':\n"
        "            import jem_tui.tui.app, jem_tui.tui.supervision.freeze_detector\n"
        "            jem_tui.tui.supervision.freeze_detector.PATIENCE = 2.0\n"
        "            def action_picture(self):\n"
        f"                {fault}\n"
        "            jem_tui.tui.app.JemApp.action_picture = action_picture\n"
        "sys.meta_path.insert(0, Finder())\n"
    )
    return {"PYTHONPATH": os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])])}


def train(run: Path, **environment: str) -> Terminal:
    terminal = Terminal("train", "--run-dir", run, *WORDS, **environment)
    terminal.wait(lambda text: "TRAINING" in text and "JEM/total" in text)
    return terminal


def saved(run: Path) -> dict[str, object]:
    known = json.loads((run / "run.json").read_text())
    assert [path.stem for path in (run / "checkpoints").glob("*.pt")] == [f"step_{known['step']:06d}"]
    return known


def test_a_failing_screen_starts_again_and_the_third_time_the_run_is_printed(tmp_path):
    run = tmp_path / "run"
    terminal = train(run, **broken_program(tmp_path / "broken", FAULTS["fails"]))
    for number in (1, 2):
        terminal.process.send("S")
        terminal.wait(lambda text, number=number: (run / f"screen-error-{number}.txt").exists())
        terminal.wait(lambda text: "TRAINING" in text and "JEM/total" in text)
    terminal.process.send("S")
    terminal.wait(lambda text: "The run continues without the screen." in text)
    assert all(part in terminal.raw for part in LEFT)
    terminal.process.send("\x03")
    assert terminal.end() == 130
    assert "IndexError: index 28 is out of bounds" in terminal.raw
    assert "IndexError" in (run / "screen-error-3.txt").read_text()
    known = saved(run)
    assert known["status"] == "interrupted"
    assert terminal.raw.rstrip().splitlines()[-1].startswith(f"jem-tui: interrupted at step {known['step']:,}")


def test_a_hanging_screen_is_given_up_and_a_signal_before_saves(tmp_path):
    run = tmp_path / "run"
    terminal = train(run, **broken_program(tmp_path / "broken", FAULTS["hangs"]))
    terminal.process.send("S")
    terminal.process.kill(signal.SIGTERM)
    assert terminal.end() == 130
    assert all(part in terminal.raw for part in LEFT)
    assert saved(run)["status"] == "interrupted"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["SIGHUP", "SIGUSR1", "SIGUSR2", "SIGXCPU", "SIGALRM", "SIGTERM", "SIGINT"])
def test_every_ending_signal_saves_and_restores_the_terminal(tmp_path, name):
    run = tmp_path / "run"
    terminal = train(run)
    terminal.process.kill(getattr(signal, name))
    assert terminal.end() == 130
    assert all(part in terminal.raw for part in LEFT)
    assert saved(run)["status"] == "interrupted"


@pytest.mark.slow
def test_sigquit_leaves_at_once_and_restores_the_terminal(tmp_path):
    terminal = train(tmp_path / "run")
    terminal.process.kill(signal.SIGQUIT)
    assert terminal.end() == 130
    assert all(part in terminal.raw for part in LEFT)
    assert json.loads((tmp_path / "run" / "run.json").read_text())["status"] == "interrupted"


@pytest.mark.slow
def test_a_shell_gets_the_terminal_for_a_while_and_fg_returns(tmp_path):
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
    terminal.process.send(f"{sys.executable} -m jem_tui train --run-dir {run} {' '.join(WORDS)}\r")
    terminal.wait(lambda text: "TRAINING" in text and "JEM/total" in text)
    before = len(terminal.raw)
    terminal.process.send("\x1a")
    terminal.wait(lambda text: "Stopped" in terminal.raw[before:] and "shell$" in terminal.raw[before:])
    assert all(part in terminal.raw[before:] for part in LEFT)
    step = json.loads((run / "run.json").read_text())["step"]
    terminal.process.send("stty -a; echo\r")
    terminal.wait(lambda text: " icanon" in terminal.raw[before:] and " echo " in terminal.raw[before:])
    terminal.process.send("fg\r")
    terminal.wait(lambda text: "TRAINING" in text and "JEM/total" in text)
    terminal.process.send("q")
    terminal.wait(lambda text: "stop and save" in text)
    terminal.process.send("s")
    terminal.wait(lambda text: "stopped at step" in terminal.raw)
    terminal.process.send("exit\r")
    assert terminal.end() == 0
    assert saved(run)["step"] >= step
