"""A driver for the browser's screen that outlives the server, so that the run can be saved and end."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from textual.drivers.web_driver import WebDriver

from jem_tui.tui.terminal.hangup import HungUp


class HangupSafeWebDriver(WebDriver):
    """A driver that drops what is drawn once nobody reads it, and reports to the app that the server is gone."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._to_server = self._write
        self._write: Any = self._write_or_hang_up
        self._gone = False

    def run_input_thread(self) -> None:
        """Read keys until the server closes the pipe, which it does even when it is killed."""
        super().run_input_thread()
        if not self.exit_event.is_set():
            self._hang_up()

    def _write_or_hang_up(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest and not self._gone:
            try:
                rest = rest[self._to_server(rest) :]
            except OSError:
                self._hang_up()

    def _hang_up(self) -> None:
        if not self._gone:
            self._gone = True
            # the app may have ended, too
            with suppress(RuntimeError):
                self._app.post_message(HungUp())
