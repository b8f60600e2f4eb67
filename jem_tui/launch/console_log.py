"""The file with the output of a script, which begins before the run folder exists and ends up in it."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from jem_tui.user_folders import cache_folder

CONSOLE_FILE = "console.log"
AT_ONCE = 1 << 20
"""Bytes of one read."""


class ConsoleLog:
    """A file that a script appends to while this process reads it.

    The file begins in the working folder, which mostly is on the file system of the run folder, and is renamed. Where that is
    impossible, or the run folder holds the output of an earlier session, everything that is read is also appended there.
    """

    def __init__(self) -> None:
        """Create the file. Raises OSError."""
        descriptor, self.path = _new_file()
        self._written = os.fdopen(descriptor, "ab", buffering=0)
        self._read = self.path.open("rb", buffering=0)
        self._copy: BinaryIO | None = None
        self._moved = False

    def fileno(self) -> int:
        """Return the descriptor that the script appends to."""
        return self._written.fileno()

    def read(self) -> bytes:
        """Return the newest output, at most `AT_ONCE` bytes; empty bytes without new output."""
        data = self._read.read(AT_ONCE) or b""
        if data and self._copy is not None:
            with suppress(OSError):
                self._copy.write(data)
        return data

    def move_to(self, run_dir: Path) -> None:
        """Move the file into a run folder; a later call has no effect. A failure leaves the file in its place."""
        if self._moved:
            return
        self._moved = True
        target = run_dir / CONSOLE_FILE
        try:
            if not target.exists():
                self.path.rename(target)
                self.path = target
                return
        except OSError:
            pass
        with suppress(OSError):
            self._copy_into(target)

    def close(self) -> Path:
        """Close the file and return where the output is kept; without a run, in the user's cache folder."""
        if self._copy is not None:
            self._copy.close()
            self.path.unlink(missing_ok=True)
            self.path = Path(self._copy.name)
        elif not self._moved:
            self._keep()
        self._written.close()
        self._read.close()
        return self.path

    def _copy_into(self, target: Path) -> None:
        """Append what was read to `target`, and later output with each read."""
        with self.path.open("rb") as past:
            copy = target.open("ab", buffering=0)
            copy.write(past.read(self._read.tell()))
        self._copy = copy

    def _keep(self) -> None:
        folder = cache_folder()
        if folder is None:
            return
        with suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            self.path = Path(shutil.move(self.path, folder / CONSOLE_FILE))


def _new_file() -> tuple[int, Path]:
    """Create a hidden file in the working folder, or in that of temporary files, which others cannot read. Raises OSError."""
    name = f".jem-tui-console-{secrets.token_hex(4)}.log"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND
    with suppress(OSError):
        path = Path.cwd() / name
        return os.open(path, flags, 0o666), path
    path = Path(tempfile.gettempdir(), name)
    return os.open(path, flags, 0o600), path
