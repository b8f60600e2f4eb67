"""The sentences of `attach` and `bridge` where no run can be joined."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jem_tui.stream.attach import socket_folder
from jem_tui.stream.attach.door_file import DOOR_FILE
from jem_tui.stream.runs.run_lock import take_run_lock
from tests.cli.in_process import refused_here


@pytest.fixture(autouse=True)
def no_live_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Hide the live runs of this machine."""
    monkeypatch.setattr(socket_folder, "socket_folders", lambda: [tmp_path / "no sockets"])
    monkeypatch.chdir(tmp_path)


def sentence(*words: object) -> str:
    """Return what a refused command prints: one line."""
    printed = refused_here(*words)
    assert printed.count("\n") == 1, printed
    return printed


def test_without_a_live_run_the_other_commands_are_named():
    assert "No run is live on this machine. Start one with jem-tui train" in sentence("attach")


def test_a_name_is_looked_up_here_and_below_runs(tmp_path: Path):
    assert "There is no run none, neither here nor below runs/." in sentence("attach", "none")
    (tmp_path / "runs" / "a").mkdir(parents=True)
    assert "There is no live run in runs/a." in sentence("attach", "a")


def test_a_run_on_another_machine_is_named_with_its_address(tmp_path: Path):
    door = {"protocol": [1, 0], "host": "gpu7", "socket": "/run/x.sock", "pid": 1, "run_dir": "/runs/a", "opened": 1.0}
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / DOOR_FILE).write_text(json.dumps(door))
    assert "The run is live on gpu7; use jem-tui attach ssh://gpu7/runs/a." in sentence("attach", "a")


def test_a_live_run_without_a_door_can_be_followed(tmp_path: Path):
    (tmp_path / "a").mkdir()
    lock = take_run_lock(tmp_path / "a")
    try:
        text = sentence("attach", "a")
    finally:
        lock.release()
    assert "accepts no viewers" in text and "jem-tui replay --follow a" in text


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("ssh://gpu7/a", "--via", "srun"), "--via and ssh:// contradict each other."),
        (("a", "--remote-command", "x"), "--remote-command applies only to a run on another machine."),
        (("ssh://-oProxyCommand=x/a",), "is not an address of a run"),
        (("a", "--via", "no-such-program-anywhere"), "Could not start no-such-program-anywhere"),
        (("a", "--via", "false"), "The run cannot be reached: false has ended with exit code 1."),
        (("a", "--via", "echo bridge b"), "The run is given twice"),
        (("--via", "echo Hello bridge"), "printed “Hello bridge” instead of the answer of jem-tui bridge."),
    ],
)
def test_each_wrong_way_to_a_run_is_one_sentence(words: tuple[str, ...], text: str):
    assert text in sentence("attach", *words)
