"""What outlives a terminal, so that a run can always be saved and end."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import IO

from textual.message import Message


class HungUp(Message):
    """The terminal is gone."""


class HangupSafeFile:
    """A file that takes everything; what cannot be written is lost, and `lost` is called the first time."""

    def __init__(self, file: IO[str], lost: Callable[[], None]) -> None:
        self._file = file
        self._lost = lost
        self._whole = True
        self.writes = 0
        """Number of writes that have returned."""

    def write(self, text: str) -> None:
        """Write, or lose it."""
        if self._whole:
            self._try(lambda: self._file.write(text))
        self.writes += 1

    def flush(self) -> None:
        """Hand over what was written, or lose it."""
        if self._whole:
            self._try(self._file.flush)
        self.writes += 1

    def mute(self) -> None:
        """Discard everything from now on."""
        self._whole = False

    def fileno(self) -> int:
        """The file's own number."""
        return self._file.fileno()

    def isatty(self) -> bool:
        """Whether it is a terminal."""
        return self._file.isatty()

    def _try(self, deed: Callable[[], object]) -> None:
        try:
            deed()
        except (OSError, ValueError):  # a file that was closed raises the second
            self._whole = False
            with suppress(RuntimeError):  # the app has ended, too
                self._lost()
