"""The order in which `jem-tui attach` offers several live runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from jem_tui.cli import select_live_run as module
from jem_tui.stream.attach import door_file
from jem_tui.stream.attach.door_file import DoorFile


def door(run_dir: Path, opened: float) -> DoorFile:
    return DoorFile(protocol=(1, 0), host="here", socket="/tmp/x", pid=1, run_dir=str(run_dir), opened=opened)


def test_runs_below_the_working_folder_come_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    elsewhere, here = tmp_path / "elsewhere" / "runs", tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    live = [door(elsewhere / "new", 4.0), door(here / "runs" / "b", 3.0), door(elsewhere, 2.0), door(here / "a", 1.0)]
    monkeypatch.setattr(door_file, "live_doors", lambda: live)
    offered: list[DoorFile] = []

    def choose(doors: list[DoorFile]) -> DoorFile:
        offered.extend(doors)
        return doors[0]

    monkeypatch.setattr(module, "chosen", choose)
    assert module.select_live_run("") == live[1]
    assert offered == [live[1], live[3], live[0], live[2]]
