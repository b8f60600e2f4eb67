"""Output that survives the loss of the terminal, so that the run can still save and end."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import IO

from textual.message import Message


class HungUp(Message):
    """Message of a driver to the app: the terminal has disconnected."""


class HangupSafeFile:
    """A file whose writes never fail: after the first failure, which calls `lost`, output is discarded."""

    def __init__(self, file: IO[str], lost: Callable[[], None]) -> None:
        self._file = file
        self._lost = lost
        self._usable = True
        self.writes = 0
        """Number of writes that have returned."""

    def write(self, text: str) -> None:
        """Write `text`, or discard it after a failure."""
        if self._usable:
            self._try(lambda: self._file.write(text))
        self.writes += 1

    def flush(self) -> None:
        """Flush written text, or discard it after a failure."""
        if self._usable:
            self._try(self._file.flush)
        self.writes += 1

    def mute(self) -> None:
        """Discard all later output."""
        self._usable = False

    def fileno(self) -> int:
        """Return the file descriptor."""
        return self._file.fileno()

    def isatty(self) -> bool:
        """Return whether the file is a terminal."""
        return self._file.isatty()

    def _try(self, operation: Callable[[], object]) -> None:
        try:
            operation()
        except (OSError, ValueError):
            # a closed file raises ValueError; an app that has ended raises RuntimeError
            self._usable = False
            with suppress(RuntimeError):
                self._lost()
