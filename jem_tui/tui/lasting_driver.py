"""A driver that outlives its terminal, so that a run whose window is closed can still be saved and end."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from typing import IO, Any

from textual.driver import Driver
from textual.message import Message


class HungUp(Message):
    """The terminal is gone."""


def lasting(driver: type[Driver]) -> type[Driver]:
    """The driver of a POSIX terminal so that it drops what is written once that is gone, and tells the app; others as they are.

    Textual's own stops its writer then, waits for it for ever once thirty frames are due, and keeps a core busy reading nothing.
    """
    if driver.__name__ != "LinuxDriver":
        return driver
    from textual.drivers.linux_driver import LinuxDriver

    class LastingDriver(LinuxDriver):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            with suppress(OSError, ValueError):
                os.set_blocking(self._file.fileno(), True)  # or a slow terminal would look like one that is gone
            self._file: Any = Lasting(self._file, self._hang_up)

        def _hang_up(self) -> None:
            self.exit_event.set()  # ends the thread that reads keys
            self._app.post_message(HungUp())

    return LastingDriver


class Lasting:
    """A file that takes everything; what cannot be written is lost, and `lost` is called the first time."""

    def __init__(self, file: IO[str], lost: Callable[[], None]) -> None:
        self._file = file
        self._lost = lost
        self._whole = True

    def write(self, text: str) -> None:
        """Write, or lose it."""
        if self._whole:
            self._try(lambda: self._file.write(text))

    def flush(self) -> None:
        """Hand over what was written, or lose it."""
        if self._whole:
            self._try(self._file.flush)

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
