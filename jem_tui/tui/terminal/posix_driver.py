"""A driver of a POSIX terminal that survives the loss of the terminal; cannot be imported on Windows."""

from __future__ import annotations

import asyncio
import os
import select
import termios
from contextlib import suppress
from typing import Any

from textual import events
from textual.drivers import linux_driver
from textual.drivers.linux_driver import LinuxDriver
from textual.geometry import Size

from jem_tui.tui.terminal.hangup import HangupSafeFile, HungUp
from jem_tui.tui.terminal.resize_signal import misses_resizes
from jem_tui.tui.terminal.terminal_answers import AnswerSafeParser

# The driver's thread creates its parser by this name, without a way to pass another one
linux_driver.XTermParser = AnswerSafeParser  # type: ignore[attr-defined]

LEAVE_SCREEN = (
    b"\x1b[?2026l\x1b[?2004l\x1b[?7h\x1b[?2048l\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?1016l"
    b"\x1b[<u\x1b[0m\x1b[?1049l\x1b[?25h\x1b[?1004l"
)
"""Escape sequences that undo all modes that Textual sets."""


DRAINING = 0.5
"""Seconds that a terminal gets to take earlier output."""
SIZE_SECONDS = 0.5
"""Seconds between two readings of the size of a terminal whose changes cause no signal."""


class HangupSafeDriver(LinuxDriver):
    """Textual's driver, but output to a lost terminal is discarded, and the terminal can be restored at any time."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        with suppress(OSError, ValueError):
            # with a non-blocking file, a slow terminal would count as lost
            os.set_blocking(self._file.fileno(), True)
        self.output = HangupSafeFile(self._file, self._hang_up)
        self._file: Any = self.output
        self._holds_terminal = False
        self.farewell = ""
        """Sequences that undo a title and a progress; written when the terminal is restored."""
        self._next_reading: asyncio.TimerHandle | None = None
        """The next reading of the size of a terminal whose changes cause no signal."""

    def start_application_mode(self) -> None:
        self._holds_terminal = True
        super().start_application_mode()  # type: ignore[no-untyped-call]
        if misses_resizes(self.fileno):
            self._read_size(self._get_terminal_size())

    def stop_application_mode(self) -> None:
        if self._next_reading is not None:
            self._next_reading.cancel()
        farewell, self.farewell = self.farewell, ""
        self.write(farewell)
        super().stop_application_mode()
        self._holds_terminal = False

    def write(self, data: str) -> None:
        """Write `data`, unless the terminal has been restored."""
        if self._holds_terminal:
            super().write(data)

    def give_back(self) -> None:
        """Restore the terminal, if that has not happened, without the event loop and the writer thread."""
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
                os.write(number, LEAVE_SCREEN + self.farewell.encode())

    def _sigcont_application(self, *_: object) -> None:
        """Set up the terminal after a suspension; a process that was only stopped redraws the screen."""
        if not self._holds_terminal:
            super()._sigcont_application()
        elif self._loop is not None:
            asyncio.run_coroutine_threadsafe(self._app._post_message(self.SignalResume()), loop=self._loop)

    def _read_size(self, known: tuple[int, int]) -> None:
        """Resize the app if the size of the terminal is no longer the `known` one, and schedule the next reading."""
        if not self._holds_terminal:
            return
        size = self._get_terminal_size()
        if size != known and not self._in_band_window_resize:
            self._app.post_message(events.Resize(Size(*size), Size(*size)))
        self._next_reading = asyncio.get_running_loop().call_later(SIZE_SECONDS, self._read_size, size)

    def _hang_up(self) -> None:
        # ends the thread that reads keys
        self.exit_event.set()
        self._app.post_message(HungUp())
