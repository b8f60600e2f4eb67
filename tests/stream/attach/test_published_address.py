"""The address of a door: failures of the places where it is written, and its replacement."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

import pytest

from jem_tui.stream.attach import door_server, published_address
from jem_tui.stream.attach.attachable_recorder import AttachableRecorder
from jem_tui.stream.attach.door_file import DoorFile, is_live, live_doors, read_door
from tests.stream.attach.plain_viewer import OpenRun
from tests.stream.attach.test_door_failures import recorded_without_door
from tests.stream.stream_events import started, stopped
from tests.wait_until import wait_until


@pytest.mark.parametrize("kind", ["pipe", "link to a device", "folder", "missing folder"])
def test_what_cannot_take_an_announcement_stays(tmp_path: Path, kind: str):
    place = tmp_path / "announced"
    match kind:
        case "pipe":
            os.mkfifo(place)
        case "link to a device":
            place.symlink_to(os.devnull)
        case "folder":
            place.mkdir()
        case _:
            place = place / "door.json"
    before = place.lstat().st_ino if kind != "missing folder" else 0
    recorder = AttachableRecorder(tmp_path / "run", [], lambda command: None, place)
    recorder(started())
    wait_until(lambda: bool(live_doors()), "the door does not open")
    recorder(stopped(0))
    assert recorder.pending_notes() == []
    assert (place.lstat().st_ino if kind != "missing folder" else 0) == before
    assert {path.name for path in tmp_path.iterdir()} <= {"announced", "run"}


def test_a_full_disk_of_sockets_is_reported_and_nothing_is_left(
    tmp_path: Path, sockets: Path, monkeypatch: pytest.MonkeyPatch
):
    def refuse(address: DoorFile, path: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(published_address, "write_door", refuse)
    (note,) = recorded_without_door(tmp_path / "run")
    assert note == "Other processes cannot attach to this run: No space left on device."
    assert list(sockets.iterdir()) == []


def test_a_removed_socket_is_replaced_and_viewers_stay(tmp_path: Path, sockets: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(door_server, "IDLE_TICK", 0.02)
    monkeypatch.setattr(door_server, "CHECK_SECONDS", 0.05)
    run = OpenRun(tmp_path / "run")
    first = run.door
    with run.viewer() as early:
        assert early.hello
        shutil.rmtree(sockets)
        wait_until(lambda: (found := read_door(run.run_dir)) is not None and is_live(found), "no new address")
        assert run.door.socket != first.socket
        assert live_doors() == [run.door]
        with run.viewer() as late:
            assert late.hello
            run.take_steps(3)
            run.end()
            for viewer in (early, late):
                viewer.receive_all()
                assert viewer.log(run.run_dir) == run.log()
    assert list(sockets.iterdir()) == []
