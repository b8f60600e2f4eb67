"""Files that a crash, a kill or a full disk leaves as they were or as they were to become, never half of it."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

SUFFIX = ".tmp"
NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
"""Errors of a full disk: nothing is wrong with the file itself."""


def replace_file(path: Path, content: bytes | memoryview) -> None:
    """Write `content` beside the file, have it on the disk, and give it the file's name. Raises OSError and leaves nothing behind.

    What a killed process left unfinished is written over by the next attempt; two at a time are for the caller to prevent.
    """
    replace_by_parts(path, [content])


def replace_by_parts(path: Path, parts: Iterable[bytes | memoryview]) -> None:
    """The same with what comes in parts, which need not all be in memory."""
    unfinished = path.with_name(f".{path.name}{SUFFIX}")
    try:
        _write(unfinished, parts)
        unfinished.replace(path)
        _sync(path.parent)
    except OSError:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
        raise


def overwrite_file(path: Path, content: bytes) -> None:
    """Write `content` into the blocks that the file has, which a full disk cannot refuse. Raises OSError and changes nothing then.

    A crash of the machine may leave half of it: this is for a disk that has no room for a second file.
    """
    descriptor = os.open(path, os.O_WRONLY | getattr(os, "O_NOFOLLOW", 0))
    with os.fdopen(descriptor, "wb", buffering=0) as file:
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(descriptor, 0, len(content))
        elif os.fstat(descriptor).st_size < len(content):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        file.write(content)
        file.truncate()
        os.fsync(descriptor)


def clear_unfinished(folder: Path, pattern: str) -> None:
    """Remove what killed processes left of files whose names match `pattern`. Raises OSError."""
    for stale in folder.glob(f".{pattern}{SUFFIX}"):
        stale.unlink(missing_ok=True)


def _write(path: Path, parts: Iterable[bytes | memoryview]) -> None:
    path.unlink(missing_ok=True)  # a link in its place would lead elsewhere
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    with os.fdopen(os.open(path, flags, 0o666), "wb", buffering=0) as file:
        for part in parts:
            rest = memoryview(part)
            while rest:
                rest = rest[file.write(rest) :]
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    """Have the new name on the disk, too, where the system can do that."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
