"""A run is written by one process, which others see without being in its way."""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from jem_tui.errors import InputError
from jem_tui.stream.runs import run_lock
from jem_tui.stream.runs.catalog import find_runs
from jem_tui.stream.runs.resumed_settings import resumed_settings
from jem_tui.stream.runs.run_lock import LOCK_FILE, PRESENCE_FILE, is_being_written, refuse_locked, take_run_lock
from tests.stream.stream_events import record, small_run


def test_a_second_writer_is_refused_and_the_first_is_seen(tmp_path: Path):
    assert not is_being_written(tmp_path)
    lock = take_run_lock(tmp_path)
    assert is_being_written(tmp_path)
    with pytest.raises(InputError, match="Another run is writing"):
        take_run_lock(tmp_path)
    with pytest.raises(InputError, match="Another run is writing"):
        refuse_locked(tmp_path)
    lock.release()
    assert not is_being_written(tmp_path)
    refuse_locked(tmp_path)
    take_run_lock(tmp_path).release()


def test_constant_checks_never_refuse_a_writer(tmp_path: Path):
    record(tmp_path / "run", small_run(3))
    over = threading.Event()

    def look() -> None:
        while not over.is_set():
            find_runs(tmp_path)
            is_being_written(tmp_path / "run")

    threads = [threading.Thread(target=look) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(200):
            take_run_lock(tmp_path / "run").release()
    finally:
        over.set()
        for thread in threads:
            thread.join()


def test_a_permanent_reader_does_not_keep_a_writer_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    take_run_lock(tmp_path).release()
    monkeypatch.setattr(run_lock, "PATIENCE", 0.0)
    with (tmp_path / PRESENCE_FILE).open() as looking:
        fcntl.flock(looking, fcntl.LOCK_SH)
        take_run_lock(tmp_path).release()


def test_two_readers_do_not_take_each_other_for_writers(tmp_path: Path):
    take_run_lock(tmp_path).release()
    with (tmp_path / PRESENCE_FILE).open() as looking:
        fcntl.flock(looking, fcntl.LOCK_SH)
        assert not is_being_written(tmp_path)


KINDS: dict[str, Callable[[Path], None]] = {
    "folder": Path.mkdir,
    "pipe": os.mkfifo,
    "link": lambda path: path.symlink_to("run.json"),
    "dangling link": lambda path: path.symlink_to("nowhere"),
    "device": lambda path: path.symlink_to("/dev/zero"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_an_irregular_lock_file_is_refused_before_loading(tmp_path: Path, kind: str):
    record(tmp_path / "bad", small_run(3))
    record(tmp_path / "good", small_run(3))
    (tmp_path / "bad" / LOCK_FILE).unlink(missing_ok=True)
    KINDS[kind](tmp_path / "bad" / LOCK_FILE)
    assert sorted(run.path.name for run in find_runs(tmp_path)[0]) == ["bad", "good"]
    for take in (take_run_lock, refuse_locked, lambda path: resumed_settings(path, [], [])):
        with pytest.raises(InputError, match=r"\.lock is not a regular file"):
            take(tmp_path / "bad")


@pytest.mark.parametrize("kind", KINDS)
def test_a_writer_without_the_second_lock_can_write(tmp_path: Path, kind: str):
    KINDS[kind](tmp_path / PRESENCE_FILE)
    lock = take_run_lock(tmp_path)
    assert kind == "pipe" or not is_being_written(tmp_path)
    lock.release()
