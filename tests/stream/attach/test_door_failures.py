"""Failures of the door and of its surroundings: the run and its recording continue, and a note reports the failure once."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import socket
import threading
from pathlib import Path
from typing import Any

import pytest

from jem_tui.stream.attach import door, door_server, published_address, socket_folder
from jem_tui.stream.attach.attachable_recorder import AttachableRecorder
from jem_tui.stream.attach.door_file import DOOR_FILE, DoorFile, live_door, live_doors, write_door
from jem_tui.stream.attach.published_address import PublishedAddress
from jem_tui.stream.attach.run_feed import RunFeed
from tests.stream.attach.plain_viewer import OpenRun
from tests.stream.outages import Disk
from tests.stream.stream_events import samples, started, step_done, stopped
from tests.wait_until import PATIENCE, wait_until


def notes_of(recorder: AttachableRecorder) -> list[str]:
    """Wait for the notes on the door."""
    found: list[str] = []
    wait_until(lambda: bool(found.extend(note.text for note in recorder.pending_notes()) or found), "no note")
    return found


def recorded_without_door(run_dir: Path) -> list[str]:
    """Record a short run, and return the notes on its door."""
    recorder = AttachableRecorder(run_dir, [], lambda command: None)
    recorder(started())
    recorder(step_done(1))
    notes = notes_of(recorder)
    recorder(stopped(1))
    assert recorder.loss_summary == ""
    assert recorder.pending_notes() == []
    return notes


def test_without_a_folder_for_sockets_the_run_continues(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(socket_folder, "socket_folders", lambda: [Path("/proc/no-such-folder")])
    (note,) = recorded_without_door(tmp_path / "run")
    assert note == "Other processes cannot attach to this run: no private folder for sockets can be created."


def test_without_a_thread_the_run_continues(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    assert "can't start new thread" in recorded_without_door(tmp_path / "run")[0]


def test_a_read_only_run_folder_is_reported_and_can_be_joined(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def refuse(address: DoorFile, path: Path) -> None:
        if path.name == DOOR_FILE:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))
        write_door(address, path)

    monkeypatch.setattr(published_address, "write_door", refuse)
    run = OpenRun(tmp_path / "run")
    (note,) = notes_of(run.recorder)
    assert "Read-only file system" in note
    with run.viewer() as viewer:
        assert viewer.hello
    run.end()


def test_a_failure_of_the_thread_closes_the_door_with_a_note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    run = OpenRun(tmp_path / "run")
    with run.viewer() as viewer:
        assert viewer.hello

        def fail(feed: RunFeed, *arguments: Any, **options: Any) -> None:
            raise ValueError("a bug")

        monkeypatch.setattr(RunFeed, "collect", fail)
        run.take_steps(2)
        viewer.receive_all()
    assert notes_of(run.recorder) == ["Other processes can no longer attach to this run: ValueError: a bug."]
    wait_until(lambda: not run.serves, "the thread continues")
    assert not (run.run_dir / DOOR_FILE).exists()
    run.take_steps(3)
    run.end()
    assert len(run.log()) == 7
    assert not run.recorder._door._arrivals


def exit_code(child: int) -> int:
    """Return the exit code of a child process, which is killed if it does not end."""
    ended: list[int] = []

    def has_ended() -> bool:
        process, status = os.waitpid(child, os.WNOHANG)
        ended.extend([os.waitstatus_to_exitcode(status)] if process else [])
        return bool(ended)

    try:
        wait_until(has_ended, "the child does not end")
    except AssertionError:
        os.kill(child, signal.SIGKILL)
        raise
    return ended[0]


def test_a_forked_child_closes_the_sockets_and_leaves_the_address(tmp_path: Path):
    run = OpenRun(tmp_path / "run")
    address = live_door(run.run_dir)
    with run.viewer() as viewer:
        assert viewer.hello
        server = run.recorder._door._server
        assert server is not None
        wait_until(lambda: len(server.sockets) == 2, "connections stay open")
        open_sockets = list(server.sockets)
        child = os.fork()
        if child == 0:
            try:
                run.recorder._door.abandon()
                closed = all(each.fileno() == -1 for each in open_sockets)
                os._exit(0 if closed else 1)
            finally:
                os._exit(2)
        assert exit_code(child) == 0
        assert live_door(run.run_dir) == address
        run.take_steps(2)
        run.end()
        viewer.receive_all()
        assert viewer.log(run.run_dir) == run.log()


@pytest.mark.parametrize("room", [0, 7, 300])
def test_viewers_of_a_run_on_a_full_disk_miss_nothing(tmp_path: Path, room: int):
    run = OpenRun(tmp_path / "run")
    log = run.recorder._recorder._log
    assert log is not None
    with run.viewer() as early:
        assert early.hello
        disk = Disk(log._events, room)
        log._events._file = disk  # type: ignore[assignment]
        run.take_steps(5)
        log.flush(step_done(5))
        assert log.outage.is_active
        with run.viewer() as late:
            assert late.hello
            disk.room = 1 << 30
            run.take_steps(5)
            run.end()
            late.receive_all()
            assert late.log(run.run_dir) == run.log()


def test_a_record_that_was_written_half_continues_in_a_new_file(tmp_path: Path):
    run = OpenRun(tmp_path / "run")
    log = run.recorder._recorder._log
    assert log is not None
    run.take_steps(3)
    log._events._file = Disk(log._events, 10, errno.EIO)  # type: ignore[assignment]
    log.flush(step_done(3))
    run.take_steps(2)
    log.flush(step_done(5))
    run.emit(samples(5))
    with run.viewer() as viewer:
        assert viewer.hello
        assert len(viewer.hello.position) == 2
        run.end()
        viewer.receive_all()
        events = viewer.log(run.run_dir)
    assert len(events) == 8
    assert len(set(events)) == 8


def test_a_removed_log_is_followed_into_the_new_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(door_server, "IDLE_TICK", 0.02)
    run = OpenRun(tmp_path / "run")
    run.take_steps(2)
    log = run.recorder._recorder._log
    assert log is not None
    # The door is found by the copy of its file before the file itself is written
    wait_until((run.run_dir / DOOR_FILE).exists, "no door file")
    shutil.rmtree(run.run_dir)
    log.flush(step_done(2))
    wait_until((run.run_dir / DOOR_FILE).exists, "no new door file")
    with run.viewer() as viewer:
        assert viewer.hello
        run.take_steps(2)
        run.end()
        viewer.receive_all()
        assert viewer.log(run.run_dir) == run.log()


def test_a_door_that_opens_after_the_end_of_the_run_closes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    publish = PublishedAddress.publish
    ended = threading.Event()

    def publish_late(address: PublishedAddress) -> socket.socket:
        ended.wait(PATIENCE)
        return publish(address)

    monkeypatch.setattr(PublishedAddress, "publish", publish_late)
    monkeypatch.setattr(door, "PATIENCE", -0.5)
    recorder = AttachableRecorder(tmp_path / "run", [], lambda command: None)
    recorder(started())
    recorder(stopped(0))
    thread = recorder._door._thread
    assert thread is not None and thread.is_alive()
    ended.set()
    thread.join(PATIENCE)
    assert not thread.is_alive()
    assert live_doors() == [] and not (tmp_path / "run" / DOOR_FILE).exists()
