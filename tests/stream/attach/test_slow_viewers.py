"""Viewers that stall, come and go, or are many: none of them delays the run or misses a record for good."""

from __future__ import annotations

import gc
import os
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil
import pytest

from jem_tui.stream.attach import door_server, outbox
from jem_tui.stream.attach.door_file import DOOR_FILE, live_doors
from jem_tui.stream.attach.outbox import Outbox
from tests.stream.attach.plain_viewer import OpenRun, PlainViewer
from tests.stream.stream_events import samples
from tests.wait_until import PATIENCE, wait_until

LARGE = {"n": 64, "shape": (64, 64, 3)}
"""Samples of 790 kB."""


@contextmanager
def receiving(viewer: PlainViewer) -> Iterator[None]:
    """Receive on a thread of its own, and wait for the end of the connection."""
    thread = threading.Thread(target=viewer.receive_all)
    thread.start()
    yield
    thread.join()


def test_a_stalled_viewer_starts_again_from_the_log_and_misses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(door_server, "STALLED", 3000)
    monkeypatch.setattr(outbox.Outbox.__init__, "__defaults__", (200_000,))
    run = OpenRun(tmp_path / "run")
    with run.viewer() as stalled, run.viewer() as other, receiving(other):
        assert not stalled.hello.again
        for step in range(1, 12):
            run.take_steps()
            run.emit(samples(step, **LARGE))
            wait_until(lambda step=step: len(other.records) > step * 100_000, "the other viewer stalls")
        stalled.receive_second_hello()
        with receiving(stalled):
            run.take_steps(3)
            run.end()
    assert stalled.log(run.run_dir) == run.log()
    assert other.log(run.run_dir) == run.log()


def test_a_stalled_viewer_is_not_waited_for(tmp_path: Path):
    run = OpenRun(tmp_path / "run")
    with run.viewer() as stalled:
        assert stalled.hello
        for step in range(1, 5):
            run.emit(samples(step, **LARGE))
        begun = time.monotonic()
        run.end()
        assert time.monotonic() - begun < PATIENCE / 2
        assert not run.serves


def test_many_viewers_see_the_same_log(tmp_path: Path):
    run = OpenRun(tmp_path / "run")
    with ExitStack() as stack:
        viewers = []
        for _ in range(20):
            viewers.append(stack.enter_context(run.viewer()))
            run.take_steps()
        assert all(viewer.hello for viewer in viewers)
        run.end()
        log = run.log()
        for viewer in viewers:
            viewer.receive_all()
            assert viewer.log(run.run_dir) == log


def test_viewers_that_leave_at_any_moment_leave_nothing_behind(tmp_path: Path):
    process = psutil.Process()
    run = OpenRun(tmp_path / "run")
    with run.viewer() as viewer:
        assert viewer.hello
    descriptors, threads = process.num_fds(), set(threading.enumerate())
    (door,) = (door for door in live_doors() if door.run_dir == str(run.run_dir))
    for number in range(100):
        with run.viewer(join=number % 3 > 0) as viewer:
            run.take_steps()
            if number % 3 == 1:
                assert viewer.hello
    wait_until(lambda: process.num_fds() <= descriptors, lambda: process.open_files())
    # threads of earlier tests may end meanwhile
    assert run.serves and set(threading.enumerate()) <= threads
    run.end()
    assert not run.serves
    assert process.num_fds() < descriptors and set(threading.enumerate()) < threads
    assert not any(map(os.path.lexists, (door.socket, door.copy_path, run.run_dir / DOOR_FILE)))


def test_an_outbox_replaces_named_chunks_and_keeps_the_order():
    box = Outbox(100)
    assert [box.put(b"1"), box.put(b"old", "samples"), box.put(b"2"), box.put(b"new", "samples")] == [True] * 4
    assert [box.take(), box.take(), box.take()] == [b"1", b"2", b"new"]
    assert not box


def test_an_outbox_without_room_is_emptied():
    box = Outbox(10)
    assert box.put(b"x" * 8)
    assert not box.put(b"x" * 3)
    assert not box
    assert box.put(b"x" * 50), "one chunk always has room"
    assert box.put(b"x" * 50, "samples") is False


def test_a_replaced_chunk_frees_its_room():
    box = Outbox(10)
    assert all(box.put(b"x" * 9, "samples") for _ in range(5))
    assert box.take() == b"x" * 9


def test_viewers_that_connect_while_the_run_ends_are_not_left_waiting(tmp_path: Path):
    # Garbage collection would close a connection that was lost
    gc.disable()
    try:
        for number in range(20):
            run = OpenRun(tmp_path / str(number))
            with run.viewer() as viewer:
                time.sleep(number / 10_000)
                run.end()
                viewer.receive_all()
    finally:
        gc.enable()
