"""The locks of a run folder: one process at a time writes, and others see that it does without being in its way.

Who writes holds two locks. The first decides who may write; only a writer ever asks for it. The second, which the writer gets
soon after, is there to be seen: whoever wants to know whether a run is being written tries to share it for a moment.
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
"""Seconds that a writer waits for those who look."""


class RunLock:
    """The locks of a process that writes into a run folder; they end with the process, too."""

    def __init__(self, *locks: BaseFileLock) -> None:
        self._locks = locks

    def release(self) -> None:
        """Let another process write into the folder."""
        for lock in self._locks:
            lock.release()


def take_run_lock(run_dir: Path) -> RunLock:
    """Lock the folder for writing. Raises InputError if another process holds it or the lock cannot be one, and OSError."""
    from filelock import FileLock, Timeout  # the import takes 20 ms, too long before the first frame

    _refuse_other_kinds(run_dir / LOCK_FILE)
    lock = FileLock(run_dir / LOCK_FILE)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise _taken(run_dir) from None
    presence = FileLock(run_dir / PRESENCE_FILE)
    with suppress(Timeout, OSError):  # readers then cannot see that the run is being written; nothing else is lost
        presence.acquire(timeout=PATIENCE)
    return RunLock(presence, lock)


def refuse_locked(run_dir: Path) -> None:
    """Raise InputError if a run in that folder could not be written, as far as that shows without taking the lock."""
    _refuse_other_kinds(run_dir / LOCK_FILE)
    if is_being_written(run_dir):
        raise _taken(run_dir)


def is_being_written(run_dir: Path) -> bool:
    """Return whether a process writes into the folder, whatever `run.json` says."""
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
    """Return whether nobody holds a lock of this file alone; closing the file gives the share back."""
    if sys.platform == "win32":
        return True
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks
        return True
    return True


def _refuse_other_kinds(path: Path) -> None:
    """Raise InputError if something is in the place of the lock file that is no file."""
    try:
        mode = path.lstat().st_mode
    except OSError:
        return
    if not S_ISREG(mode):
        raise InputError(f"{path} is no file, as the lock of a run must be.", "Remove it.")


def _taken(run_dir: Path) -> InputError:
    return InputError(f"Another run is writing into {run_dir}.", "Wait for it, stop it, or name another folder.")
