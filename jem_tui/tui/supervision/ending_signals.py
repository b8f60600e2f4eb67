"""Signals that end a run under the screen, whatever state the screen is in."""

from __future__ import annotations

from asyncio import get_running_loop
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Protocol

from jem_tui.signals import AT_ONCE, ENDING, HURRYING, handle, leave_at_once
from jem_tui.tui.state.run_handle import RunHandle


class SignalledApp(Protocol):
    """An app that a signal can end."""

    run_handle: RunHandle

    def give_back(self) -> None:
        """Restore the terminal."""

    def on_signal(self) -> None:
        """React to a signal that asks the run to save and end."""

    def on_hung_up(self) -> None:
        """React to the loss of the terminal."""


class ScreenSignals:
    """A signal handler that itself asks the run to end, since a screen that hangs would not, and then informs the screen."""

    def __init__(self, app: SignalledApp) -> None:
        self._app = app
        self._unheard = False
        """Whether the screen has not heard of the last signal yet."""

    def install(self) -> None:
        """Handle every ending signal from now on; only a main thread can. Textual's handlers in the running loop are removed."""
        self._loop = get_running_loop()
        with suppress(NotImplementedError, RuntimeError, ValueError):
            for name in ENDING:
                self._loop.remove_signal_handler(name)
            handle(self, by_run=True)

    def __call__(self, number: int, frame: FrameType | None) -> None:
        run = self._app.run_handle
        if number in AT_ONCE or (self._unheard and number in HURRYING):
            try:
                self._app.give_back()
                run.abandon()
            finally:
                leave_at_once(number)
        run.interrupt()
        with suppress(RuntimeError):
            # a loop that is closed has no screen any more
            self._loop.call_soon_threadsafe(
                self._inform, self._app.on_signal if number in HURRYING else self._app.on_hung_up
            )
            self._unheard = self._unheard or number in HURRYING

    def _inform(self, react: Callable[[], None]) -> None:
        self._unheard = False
        react()
