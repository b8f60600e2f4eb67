"""The choice among several live runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.program import refused
from tests.e2e.emulated_terminal import Terminal
from tests.e2e.watched_loop import loop_in

pytestmark = pytest.mark.slow


def test_of_several_runs_one_is_chosen(tmp_path: Path):
    with loop_in(tmp_path / "first"), loop_in(tmp_path / "second") as second:
        err = refused("attach", tmp_path)
        assert "2 runs are live" in err and str(second.folder) in err
        terminal = Terminal("attach", tmp_path)
        terminal.wait(lambda text: "Number of the run" in text)
        assert "1  " in terminal.text and "2  " in terminal.text
        terminal.send("7\n")
        terminal.wait(lambda text: text.count("Number of the run") == 2)
        terminal.send("\n")
        terminal.wait(lambda text: "TRAINING" in text)
        terminal.send("\x03")
        assert terminal.end() == 130
        assert f"jem-tui attach {second.folder}" in terminal.raw


def test_ctrl_c_at_the_choice_ends_the_command(tmp_path: Path):
    with loop_in(tmp_path / "first"), loop_in(tmp_path / "second"):
        terminal = Terminal("attach", tmp_path)
        terminal.wait(lambda text: "Number of the run" in text)
        terminal.send("\x03")
        assert terminal.end() == 130
