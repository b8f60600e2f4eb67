"""A folder of sockets of its own for each test, and doors that are patient."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from jem_tui.stream.attach import door, door_server, socket_folder
from tests.stream.attach.attached_viewer import Attached
from tests.stream.attach.plain_viewer import OpenRun
from tests.stream.stream_events import record, small_run
from tests.wait_until import PATIENCE


@pytest.fixture(autouse=True)
def sockets(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return the only folder of sockets, whose path is short enough for sockets; nothing else may be in it."""
    with tempfile.TemporaryDirectory(dir="/tmp") as short:
        folder = Path(short, "jem-tui")
        monkeypatch.setattr(socket_folder, "socket_folders", lambda: [folder])
        yield folder


@pytest.fixture(autouse=True)
def patient_doors(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let doors wait for viewers that read, however slow the machine is."""
    monkeypatch.setattr(door_server, "PATIENCE", PATIENCE)
    monkeypatch.setattr(door, "PATIENCE", PATIENCE)


@pytest.fixture
def run(tmp_path: Path) -> Iterator[OpenRun]:
    """Return a run with a door, which ends with the test."""
    run = OpenRun(tmp_path / "run")
    yield run
    run.end()


@pytest.fixture
def run_dir(tmp_path: Path) -> Path:
    """Return the folder of a run of 20 steps that was killed."""
    return record(tmp_path / "run", small_run(20)[:-1])


@pytest.fixture
def attached(run_dir: Path) -> Iterator[Attached]:
    """Return a viewer that is attached to a scripted door."""
    opened = Attached(run_dir)
    yield opened
    assert opened.viewer.close(PATIENCE)
    opened.door.close()
