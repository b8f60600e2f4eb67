"""SIGINT and SIGTERM during a watched loop: the first lets the loop save at the end of the step, the second ends it at once."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Any

from jem_tui.errors import EXIT_CODES
from jem_tui.events.commands import Command, Stop

_DEFAULTS: dict[int, Any] = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: signal.SIG_DFL}
"""The handlers that Python and the system install; a program that has replaced one keeps its own."""
STOPPING = b"jem-tui: Stopping at the end of this step. The same signal again ends the program at once.\n"


class StopSignals:
    """Handlers of both signals while a loop is watched; nothing outside the main thread, which alone may install handlers."""

    def __init__(self, send: Callable[[Command], None], stops_later: Callable[[], bool]) -> None:
        """Prepare handlers that `send` a `Stop` for the end of the step where the loop `stops_later`, and otherwise raise at once."""
        self._send = send
        self._stops_later = stops_later
        self.received: int | None = None
        """The signal that is ending the loop."""
        self._replaced: dict[int, Any] = {}

    @property
    def interrupted(self) -> bool:
        """True once a signal has arrived."""
        return self.received is not None

    def install(self) -> None:
        """Install a handler for each signal that has its default handler, or that of another watched loop."""
        if threading.current_thread() is threading.main_thread():
            for number, default in _DEFAULTS.items():
                handler = signal.getsignal(number)
                if handler is default or isinstance(getattr(handler, "__self__", None), StopSignals):
                    self._replaced[number] = signal.signal(number, self._handle)

    def restore(self) -> None:
        """Restore the former handlers, unless the program has replaced them meanwhile."""
        if threading.current_thread() is threading.main_thread():
            for number, handler in self._replaced.items():
                if signal.getsignal(number) == self._handle:
                    signal.signal(number, handler)

    def leave(self) -> None:
        """Raise what the received signal raises in Python: KeyboardInterrupt, or SystemExit for SIGTERM. Do nothing without one."""
        if self.received == signal.SIGINT:
            raise KeyboardInterrupt from None
        if self.received is not None:
            raise SystemExit(EXIT_CODES["interrupted"]) from None

    def _handle(self, number: int, frame: FrameType | None) -> None:
        self.received = number
        self.restore()
        if not self._stops_later():
            self.leave()
        self._send(Stop(save=True, reason="interrupted"))
        with suppress(OSError):
            os.write(2, STOPPING)
