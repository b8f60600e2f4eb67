"""Atomic replacement of files and folders: after a crash, a kill or on a full disk, the old or the new content is there, nothing in between."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

SUFFIX = ".tmp"
NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
"""Errors of a full disk. The file itself is in order."""


def replace_file(path: Path, content: bytes | memoryview) -> None:
    """Write `content` to a temporary file, fsync it, and rename it to `path`. Raises OSError and then leaves no temporary file.

    The next attempt overwrites the unfinished file of a killed process. The caller must prevent two concurrent writers.
    """
    replace_by_parts(path, [content])


def replace_by_parts(path: Path, parts: Iterable[bytes | memoryview]) -> None:
    """Replace a file by content in parts, which need not be in memory at the same time. Raises OSError."""
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
    """Write `content` into the existing blocks of a file, for which a full disk has room. Raises OSError without changing the file.

    A crash of the machine may leave the file half-written. Use this only on a disk that has no room for a second file.
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
    """Remove unfinished files and folders of killed processes whose names match `pattern`. Raises OSError."""
    for stale in folder.glob(f".{pattern}{SUFFIX}"):
        _delete(stale)


def replace_folder(path: Path, unfinished: Path, replaced: Path) -> None:
    """Rename the filled folder `unfinished` to `path`. Raises OSError.

    A folder cannot be renamed over another one, so the existing folder is renamed to `replaced` first and removed last. At every
    moment `path` or `replaced` is a complete folder.
    """
    _sync(unfinished)
    if path.exists():
        remove_whole(replaced)
        path.rename(replaced)
    unfinished.rename(path)
    _sync(path.parent)
    with suppress(OSError):
        remove_whole(replaced)


def remove_whole(path: Path) -> None:
    """Remove a file or a folder with its content, if it exists. Raises OSError.

    A folder is renamed first, so that a process that is killed meanwhile leaves no folder with a part of its content.
    """
    if not path.is_dir() or path.is_symlink():
        path.unlink(missing_ok=True)
        return
    removed = path.with_name(f".{path.name}.removed{SUFFIX}")
    _delete(removed)
    path.rename(removed)
    _delete(removed)


def _delete(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _write(path: Path, parts: Iterable[bytes | memoryview]) -> None:
    # A link in its place would redirect the write
    path.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    with os.fdopen(os.open(path, flags, 0o666), "wb", buffering=0) as file:
        for part in parts:
            rest = memoryview(part)
            while rest:
                rest = rest[file.write(rest) :]
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    """Fsync the directory so that the rename survives a crash; do nothing where the system cannot."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
