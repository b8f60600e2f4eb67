"""The output of a command of this program, which runs in a process of its own."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from jem_tui.printable import printable
from jem_tui.tui.keys import bindings_of, export_bindings
from jem_tui.tui.keys.remap import keyboard_of
from jem_tui.tui.supervision.steady_screen import SteadyScreen

if TYPE_CHECKING:
    from jem_tui.tui.state.copied_text import Copied

MOST_LINES = 5000
LONGEST_LINE = 1000
TICK = 0.2
PATIENCE = 5.0
"""Seconds that a command gets to end after a request to stop."""


class CommandProcess:
    """A command of this program whose output is read on a thread, a bounded number of lines."""

    def __init__(self, words: Sequence[str], columns: int) -> None:
        """Start `jem-tui WORDS` for output of some columns. Raises OSError."""
        self.lines: deque[str] = deque(maxlen=MOST_LINES)
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "jem_tui", *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, "COLUMNS": str(columns), "PYTHONUNBUFFERED": "1", "NO_COLOR": "1"},
            start_new_session=True,
        )
        self._thread = threading.Thread(target=self._read, name="jem-command", daemon=True)
        self._thread.start()

    @property
    def code(self) -> int | None:
        """The exit code; None while the command runs or its output is read."""
        return None if self._thread.is_alive() else self._process.poll()

    def stop(self) -> None:
        """Send the command a request to end without waiting for the end; kill it if it runs `PATIENCE` later."""
        if self._process.poll() is None:
            with suppress(OSError):
                self._process.terminate()
            timer = threading.Timer(PATIENCE, self._kill)
            timer.daemon = True
            timer.start()

    def _kill(self) -> None:
        if self._process.poll() is None:
            self._process.kill()

    def _read(self) -> None:
        assert self._process.stdout is not None
        with suppress(OSError, ValueError):
            while raw := self._process.stdout.readline(LONGEST_LINE):
                self.lines.append(printable(raw.decode("utf-8", "replace").rstrip("\r\n")))
        self._process.wait()


class CommandScreen(SteadyScreen, ModalScreen[None]):
    """A dialog that shows what a command prints, and stops the command when it is closed."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("output"), *export_bindings()]

    def __init__(self, words: Sequence[str]) -> None:
        super().__init__()
        self._words = words
        self._process: CommandProcess | None = None
        self._shown: object = None

    def compose(self) -> ComposeResult:
        with Vertical(id="command", classes="dialog"), VerticalScroll(id="command-output"):
            yield Static("", id="command-text", markup=False)

    def on_mount(self) -> None:
        self.query_one("#command").border_title = printable(shlex.join(["jem-tui", *self._words]))
        self.query_one(VerticalScroll).focus()
        self.call_after_refresh(self._start)

    def _start(self) -> None:
        columns = max(40, self.query_one("#command-output").size.width - 1)
        try:
            self._process = CommandProcess(self._words, columns)
        except OSError as error:
            self.query_one("#command-text", Static).update(f"Could not start the command: {error.strerror}.")
            return
        self.set_interval(TICK, self._tick)
        self._tick()

    def on_unmount(self) -> None:
        if self._process is not None:
            self._process.stop()

    def copied(self) -> Copied | None:
        """Return the output of the command as far as it has been read; None before its first line."""
        from jem_tui.tui.state.copied_text import Copied

        lines = list(self._process.lines) if self._process is not None else []
        return Copied("the output", "\n".join(lines) + "\n") if lines else None

    def action_close(self) -> None:
        """Stop the command, if it still runs, and close the dialog."""
        self.dismiss(None)

    def _tick(self) -> None:
        process = self._process
        if process is None:
            return
        code = process.code
        stamp = (len(process.lines), process.lines[-1] if process.lines else "", code)
        if stamp == self._shown:
            return
        self._shown = stamp
        state = "running · {output-close} stop" if code is None else f"{_ending(code)} · {{output-close}} close"
        self.query_one("#command").border_subtitle = keyboard_of(self.app).fill(state)
        self.query_one("#command-text", Static).update(Content("\n".join(list(process.lines)) or "starting …"))
        self.query_one(VerticalScroll).scroll_end(animate=False)


def _ending(code: int) -> str:
    return "finished" if code == 0 else f"ended with exit code {code}"
