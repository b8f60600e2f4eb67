"""A driver that outlives its terminal and gives it back at any moment, so that a run can always be saved and end."""

from __future__ import annotations

import asyncio
import os
import select
import signal
from collections.abc import Callable
from contextlib import suppress
from typing import IO, Any

from textual.driver import Driver
from textual.message import Message

LEAVE_SCREEN = (
    b"\x1b[?2026l\x1b[?2004l\x1b[?7h\x1b[?2048l\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?1016l"
    b"\x1b[<u\x1b[0m\x1b[?1049l\x1b[?25h\x1b[?1004l"
)
"""Sequences that end everything that Textual begins on a terminal."""


DRAINING = 0.5
"""Seconds that a terminal gets to take what was written before."""


class HungUp(Message):
    """The terminal is gone."""


def lasting(driver: type[Driver]) -> type[Driver]:
    """Return the driver of a POSIX terminal as one that drops what is written to a lost terminal; other drivers as they are.

    Textual's own ends its writer then, waits for that writer for ever once thirty frames are due, and keeps a core busy
    reading nothing.
    """
    if driver.__name__ != "LinuxDriver":
        return driver
    import termios

    from textual.drivers.linux_driver import LinuxDriver

    class LastingDriver(LinuxDriver):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            with suppress(OSError, ValueError):
                # a slow terminal would look like one that is gone
                os.set_blocking(self._file.fileno(), True)
            self.output = Lasting(self._file, self._hang_up)
            self._file: Any = self.output
            self._holds_terminal = False

        def start_application_mode(self) -> None:
            self._holds_terminal = True
            super().start_application_mode()  # type: ignore[no-untyped-call]

        def stop_application_mode(self) -> None:
            super().stop_application_mode()
            self._holds_terminal = False

        def write(self, data: str) -> None:
            """Write, unless the terminal has been given back."""
            if self._holds_terminal:
                super().write(data)

        def give_back(self) -> None:
            """Restore the terminal without the app's loop and without the thread that writes, if that did not happen yet."""
            if not self._holds_terminal:
                return
            self._holds_terminal = False
            self.output.mute()
            self.exit_event.set()
            with suppress(termios.error, OSError, ValueError):
                termios.tcflush(self.fileno, termios.TCIFLUSH)
                if self.attrs_before is not None:
                    termios.tcsetattr(self.fileno, termios.TCSANOW, self.attrs_before)
            with suppress(OSError, ValueError):
                number = self.output.fileno()
                if select.select([], [number], [], DRAINING)[1]:
                    os.write(number, LEAVE_SCREEN)

        def _sigcont_application(self, *_: object) -> None:
            """Take the terminal again after a suspension; a process that was only stopped draws everything anew."""
            if not self._holds_terminal:
                super()._sigcont_application()
            elif self._loop is not None:
                asyncio.run_coroutine_threadsafe(self._app._post_message(self.SignalResume()), loop=self._loop)

        def _hang_up(self) -> None:
            # ends the thread that reads keys
            self.exit_event.set()
            self._app.post_message(HungUp())

    return LastingDriver


def forget_job_control() -> None:
    """Give the signals that Textual handles for its driver their usual meaning again."""
    for name in ("SIGTSTP", "SIGCONT", "SIGWINCH"):
        with suppress(AttributeError, ValueError):
            signal.signal(getattr(signal, name), signal.SIG_DFL)


def has_shell() -> bool:
    """Return whether a shell waits for this process, which could continue it after a suspension."""
    with suppress(OSError, AttributeError):
        parent = os.getppid()
        return os.getsid(parent) == os.getsid(0) and os.getpgid(parent) != os.getpgrp()
    return False


class Lasting:
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
