"""The run browser in a real terminal: a run is opened and left again, and every way out restores the terminal."""

from __future__ import annotations

import re
import shutil
import signal
from pathlib import Path

import pytest

from tests.cli.forked import ForkedProgram, forked
from tests.cli.program import SMALL, TRAIN, jem_tui, read_until, setting_words
from tests.e2e.emulated_terminal import RESTORED, Terminal

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("first", "second"):
        shutil.copytree(ROOT / "results" / "demo", tmp_path / "runs" / name)
    return tmp_path


def started_in(folder: Path, *words: object) -> Terminal:
    """Start the program with `folder` as its current folder."""
    code = f"import os; os.chdir({str(folder)!r}); from jem_tui.cli import main; main()"
    return Terminal(*words, program=("-c", code), PYTHONPATH=str(ROOT))


@pytest.mark.slow
def test_a_run_is_opened_left_and_compared(folder):
    terminal = started_in(folder)
    terminal.wait(lambda text: "first" in text and "second" in text and "99.05%" in text)
    terminal.send("\r")
    terminal.wait(lambda text: "replay" in text.lower() and "JEM/total" in text)
    terminal.send("q")
    terminal.wait(lambda text: "2 runs" in text and "99.05%" in text)
    terminal.send("q")
    assert terminal.end() == 0
    assert all(sequence in terminal.raw for sequence in RESTORED[:3])
    assert "Traceback" not in terminal.raw


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_leaves_the_browser_and_restores_the_terminal(folder, number):
    terminal = started_in(folder)
    terminal.wait(lambda text: "99.05%" in text)
    terminal.process.kill(number)
    assert terminal.end() == 130
    assert all(sequence in terminal.raw for sequence in RESTORED[:3])


@pytest.mark.slow
def test_a_signal_during_a_replay_ends_the_program(folder):
    terminal = started_in(folder, "browse", "runs")
    terminal.wait(lambda text: "99.05%" in text)
    terminal.send("\r")
    terminal.wait(lambda text: "replay" in text.lower() and "JEM/total" in text)
    terminal.process.kill(signal.SIGTERM)
    assert terminal.end() == 130


@pytest.mark.slow
def test_a_run_without_a_model_is_resumed_and_evaluated_in_words(folder):
    terminal = started_in(folder)
    terminal.wait(lambda text: "99.05%" in text)
    terminal.send("r")
    terminal.wait(lambda text: "no checkpoint" in text)
    terminal.send("e")
    terminal.wait(lambda text: "enter run" in text)
    terminal.send("--only nothing\r")
    terminal.wait(lambda text: "no part named nothing" in text and "exit code 2" in text)
    terminal.send("\x1b")
    terminal.wait(lambda text: "exit code 2" not in text)
    terminal.send("q")
    assert terminal.end() == 0


@pytest.mark.slow
def test_a_training_run_is_resumed_in_the_terminal_and_the_browser_returns(folder, monkeypatch):
    monkeypatch.chdir(folder)
    small = setting_words(*SMALL, "train.threads=1")
    trained = forked("train", "--no-ui", "--max-steps", 4, "--run-dir", "runs/third", *small)
    assert trained.returncode == 0, trained.stderr
    terminal = started_in(folder)
    terminal.wait(lambda text: "third" in text and "99.05%" in text)
    terminal.send("r")
    terminal.wait(lambda text: "resumes from step 4" in text)
    terminal.send("--max-steps 3\r")
    terminal.wait(lambda text: "nothing left to train" in text)
    terminal.send("q")
    terminal.wait(lambda text: "Press enter to return" in text)
    terminal.send("\r")
    terminal.wait(lambda text: "3 runs" in text)
    terminal.send("r")
    terminal.wait(lambda text: "resumes from step 4" in text)
    terminal.send("--max-steps 8 --no-ui\r")
    terminal.wait(lambda text: re.search(r"third +finished +8 ", text) is not None, 120)
    terminal.send("q")
    assert terminal.end() == 0


@pytest.mark.slow
def test_a_live_run_is_attached_and_detached_but_never_deleted(folder):
    process = ForkedProgram(*TRAIN, "--run-dir", folder / "runs" / "third", "-s", "train.threads=1")
    try:
        read_until(process, '"StepDone"')
        terminal = started_in(folder)
        terminal.wait(lambda text: re.search(r"› +third +live", text) is not None)
        terminal.send("x")
        terminal.wait(lambda text: "third is still running" in text)
        terminal.send("\r")
        terminal.wait(lambda text: "JEM/total" in text and "runs ·" not in text)
        terminal.send("q")
        terminal.wait(lambda text: "d  detach" in text.lower())
        terminal.send("d")
        terminal.wait(lambda text: re.search(r"› +third +live", text) is not None)
        terminal.send("q")
        assert terminal.end() == 0
        assert process.poll() is None
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)


def test_without_a_terminal_a_bare_command_prints_the_help_as_before(tmp_path):
    done = jem_tui(cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Usage:" in done.stderr
    done = jem_tui("browse", cwd=tmp_path)
    assert done.returncode == 2
    assert "needs a terminal" in done.stderr
