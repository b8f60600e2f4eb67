"""A driver of the screen in a browser that survives the end of the server, so that the run can save and end."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Any

from textual.drivers.web_driver import WebDriver

from jem_tui.tui.terminal.hangup import HungUp

JOIN_SECONDS = 1.0
"""Longest wait for the thread that reads keys, whose own reads wait for at most a tenth of a second."""


class HangupSafeWebDriver(WebDriver):
    """Textual's driver, but output after the end of the server is discarded, and the app is notified."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._to_server = self._write
        self._write: Any = self._write_or_hang_up
        self._gone = False

    def on_meta(self, packet_type: str, payload: dict[str, object]) -> None:
        """Handle a message of the server; the next screen of this process, or of a child, begins with the newest size."""
        if packet_type == "resize":
            os.environ.update(COLUMNS=str(payload["width"]), ROWS=str(payload["height"]))
        super().on_meta(packet_type, payload)

    def stop_application_mode(self) -> None:
        """End the screen, and wait until its thread no longer reads keys: the next one would be read for this screen and be lost."""
        super().stop_application_mode()
        if self._key_thread.is_alive():
            self._key_thread.join(JOIN_SECONDS)

    def run_input_thread(self) -> None:
        """Read keys until the pipe to the server is closed, which happens even if the server is killed."""
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
            # also raised if the app has ended
            with suppress(RuntimeError):
                self._app.post_message(HungUp())
