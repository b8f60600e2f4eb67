"""The program in a real terminal whose screen is emulated, so that tests read the text that a user sees."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Sequence

import pexpect
import pyte

from tests.left_processes import MARK
from tests.wait_until import PATIENCE

SIZE = (30, 110)
RESTORED = ("\x1b[?1049l", "\x1b[?25h", "\x1b[?1000l", "\x1b[23;2t")
"""Sequences that restore a terminal: main screen, visible cursor, no mouse reports, earlier title."""


class Terminal:
    """A program and the text on its screen."""

    def __init__(
        self,
        *args: object,
        size: tuple[int, int] = SIZE,
        program: Sequence[str] = ("-m", "jem_tui"),
        **environment: str,
    ) -> None:
        """Start Python with the words of `program`, and `args` after them."""
        self.screen = pyte.Screen(size[1], size[0])
        self._stream = pyte.Stream(self.screen)
        self.process = pexpect.spawn(
            sys.executable,
            [*program, *map(str, args)],
            dimensions=size,
            encoding="utf-8",
            env={
                "TERM": "xterm-256color",
                "COLORTERM": "truecolor",
                "PATH": "/usr/bin:/bin",
                "HOME": "/tmp",
                "JEM_TUI_CONFIG_DIR": os.environ["JEM_TUI_CONFIG_DIR"],
                MARK: os.environ[MARK],
                **environment,
            },
        )
        self.raw = ""

    @property
    def text(self) -> str:
        """Lines of the screen."""
        return "\n".join(self.screen.display)

    def send(self, keys: str) -> None:
        """Type `keys`."""
        self.process.send(keys)

    def resize(self, rows: int, columns: int) -> None:
        """Change the size of the window."""
        self.screen.resize(rows, columns)
        self.process.setwinsize(rows, columns)

    def wait(self, ready: Callable[[str], bool], seconds: float = PATIENCE) -> str:
        """Read until `ready` accepts the text of the screen; return the text. Raises AssertionError with the text at the deadline."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self._read()
            if ready(self.text):
                return self.text
        raise AssertionError(self.text)

    def settled(self, seconds: float = PATIENCE) -> str:
        """Read until the program has written nothing for half a second; return the text of the screen."""
        deadline = time.monotonic() + seconds
        while any(self._read() for _ in range(5)):
            assert time.monotonic() < deadline, "the program never stops writing"
        return self.text

    def end(self, seconds: float = PATIENCE) -> int:
        """Read until the program has ended; return the exit code."""
        deadline = time.monotonic() + seconds
        while self.process.isalive() and time.monotonic() < deadline:
            self._read()
        self._read()
        self.process.close()
        return int(self.process.exitstatus)

    def _read(self) -> bool:
        """Display what the program writes within 0.1 s; return whether it has written anything."""
        try:
            data = self.process.read_nonblocking(65_536, timeout=0.1)
        except (pexpect.TIMEOUT, pexpect.EOF):
            return False
        self.raw += data
        self._stream.feed(data)
        return True


def steps_shown(text: str) -> int:
    """Return the step in the header of the screen."""
    words = text.replace(",", "").split()
    return int(words[words.index("step") + 1].split("/")[0])
