"""Signals that end a run, even if its screen hangs."""

from __future__ import annotations

from asyncio import get_running_loop
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Protocol

from jem_tui.signals import AT_ONCE, ENDING, HURRYING, handle, leave_at_once
from jem_tui.tui.state.run_handle import RunHandle
from jem_tui.tui.supervision.freeze_detector import allow_interruption, uninterrupted


class SignalledApp(Protocol):
    """An app that handles ending signals."""

    run_handle: RunHandle

    def give_back(self) -> None:
        """Restore the terminal."""

    def on_signal(self) -> None:
        """Handle a signal that requests the run to save and end."""

    def on_hung_up(self) -> None:
        """Handle the loss of the terminal."""


class ScreenSignals:
    """A signal handler that stops the run itself, since a screen that hangs could not, and then notifies the screen."""

    def __init__(self, app: SignalledApp) -> None:
        self._app = app
        self._unhandled = False
        """True until the screen has handled the last signal."""

    def install(self) -> None:
        """Install handlers of all ending signals, and remove Textual's from the running loop; works in the main thread only."""
        self._loop = get_running_loop()
        with suppress(NotImplementedError, RuntimeError, ValueError):
            for name in ENDING:
                self._loop.remove_signal_handler(name)
            handle(self, by_run=True)

    # Two signals can arrive together: the run is stopped before a frozen screen is interrupted
    @uninterrupted
    def __call__(self, number: int, frame: FrameType | None) -> None:
        run = self._app.run_handle
        if number in AT_ONCE or (self._unhandled and number in HURRYING):
            # The terminal may be what is frozen
            allow_interruption(leave_at_once)
            try:
                self._app.give_back()
                run.abandon()
            finally:
                leave_at_once(number)
        run.interrupt()
        with suppress(RuntimeError):
            # raised by a closed loop, whose screen has ended
            self._loop.call_soon_threadsafe(
                self._notify, self._app.on_signal if number in HURRYING else self._app.on_hung_up
            )
            self._unhandled = self._unhandled or number in HURRYING

    def _notify(self, react: Callable[[], None]) -> None:
        self._unhandled = False
        react()
