"""The locks of a run folder: one process at a time may write, and others can see that it does.

A writer holds two locks. The first decides who may write, and only writers request it. The second, which the writer takes soon
after, makes the writer visible: other processes briefly try to share it.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from stat import S_ISREG
from typing import TYPE_CHECKING

from jem_tui.errors import InputError

if TYPE_CHECKING:
    from filelock import BaseFileLock

LOCK_FILE = ".lock"
PRESENCE_FILE = ".writer"
PATIENCE = 1.0
"""Seconds that a writer waits while others test the second lock."""


class RunLock:
    """The locks of a process that writes into a run folder; the end of the process releases them, too."""

    def __init__(self, *locks: BaseFileLock) -> None:
        self._locks = locks

    def release(self) -> None:
        """Let another process write into the folder."""
        for lock in self._locks:
            lock.release()


def take_run_lock(run_dir: Path) -> RunLock:
    """Lock the folder for writing. Raises InputError if another process holds it or the lock cannot be one, and OSError."""
    # The import takes 20 ms, too long before the first frame
    from filelock import FileLock, Timeout

    _refuse_other_kinds(run_dir / LOCK_FILE)
    lock = FileLock(run_dir / LOCK_FILE)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise _taken(run_dir) from None
    presence = FileLock(run_dir / PRESENCE_FILE)
    # Without the second lock, readers do not see the writer; nothing else is lost
    with suppress(Timeout, OSError):
        presence.acquire(timeout=PATIENCE)
    return RunLock(presence, lock)


def refuse_locked(run_dir: Path) -> None:
    """Raise InputError if a run in that folder could not be written, as far as that is visible without taking the lock."""
    _refuse_other_kinds(run_dir / LOCK_FILE)
    if is_being_written(run_dir):
        raise _taken(run_dir)


def is_being_written(run_dir: Path) -> bool:
    """Return whether a process is writing into the folder, independently of `run.json`."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        descriptor = os.open(run_dir / PRESENCE_FILE, flags)
    except OSError:
        return False
    try:
        return S_ISREG(os.fstat(descriptor).st_mode) and not _can_be_shared(descriptor)
    finally:
        os.close(descriptor)


def _can_be_shared(descriptor: int) -> bool:
    """Return whether no process holds an exclusive lock of this file; closing the file releases the share."""
    if sys.platform == "win32":
        return True
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    # The file system does not support locks
    except OSError:
        return True
    return True


def _refuse_other_kinds(path: Path) -> None:
    """Raise InputError if the lock file is not a regular file."""
    try:
        mode = path.lstat().st_mode
    except OSError:
        return
    if not S_ISREG(mode):
        raise InputError(f"{path} is not a regular file, as the lock of a run must be.", "Remove it.")


def _taken(run_dir: Path) -> InputError:
    return InputError(f"Another run is writing into {run_dir}.", "Wait for it, stop it, or choose another folder.")
