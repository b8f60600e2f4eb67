"""The program in a forked child with a pseudo-terminal of its own."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
from dataclasses import dataclass, field

from tests.e2e.forked_program import call_main, exit_after

MOST_OUTPUT = 200_000
"""Bytes of output that are kept."""


@dataclass
class ForkedTerminal:
    """A child process in a pseudo-terminal, with the last bytes of its output."""

    pid: int
    descriptor: int
    output: bytearray = field(default_factory=bytearray)
    exit_code: int | None = None
    """None while the program runs."""

    def resize(self, rows: int, columns: int) -> None:
        """Set the size of the terminal and notify the program."""
        set_size(self.descriptor, rows, columns)
        os.kill(self.pid, signal.SIGWINCH)

    def read(self, seconds: float) -> None:
        """Read output for `seconds`, or until the program has ended."""
        deadline = time.monotonic() + seconds
        while self.exit_code is None and (left := deadline - time.monotonic()) > 0:
            if select.select([self.descriptor], [], [], left)[0]:
                try:
                    self._take_output()
                except OSError:
                    self.wait_for_exit(5.0)

    def write(self, text: str) -> None:
        """Send keys to the program."""
        try:
            os.write(self.descriptor, text.encode())
        except OSError:
            self.wait_for_exit(5.0)

    def wait_for_exit(self, seconds: float) -> int | None:
        """Read output until the program ends; return the exit code, None if the program still runs after `seconds`."""
        deadline = time.monotonic() + seconds
        while self.exit_code is None and time.monotonic() < deadline:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.exit_code = os.waitstatus_to_exitcode(status)
            elif select.select([self.descriptor], [], [], 0.05)[0]:
                try:
                    self._take_output()
                except OSError:
                    time.sleep(0.05)
        return self.exit_code

    def printed_end(self) -> str:
        """Return the last 500 characters of the output, without escape sequences, spaces and frames."""
        text = re.sub(rb"\x1b\[[0-9;?<>=]*[a-zA-Z]|\x1b\][^\x07]*\x07", b" ", bytes(self.output))
        return re.sub(r"[\s─-╿▀-▟⠀-⣿]+", " ", text.decode("utf-8", "replace"))[-500:]

    def _take_output(self) -> None:
        self.output += os.read(self.descriptor, 1 << 16)
        del self.output[:-MOST_OUTPUT]


def fork_in_terminal(words: list[str], rows: int, columns: int) -> ForkedTerminal:
    """Start the program in a terminal of `rows` and `columns`."""

    def run() -> None:
        set_size(0, rows, columns)
        sys.stdin, sys.stdout, sys.stderr = (open(n, "r" if n == 0 else "w", closefd=False) for n in range(3))  # noqa: SIM115
        vars(sys).update(__stdin__=sys.stdin, __stdout__=sys.stdout, __stderr__=sys.stderr)
        call_main(words)

    pid, descriptor = pty.fork()
    if pid == 0:
        os.environ.update(TERM="xterm-256color", COLORTERM="truecolor")
        exit_after(run)
    return ForkedTerminal(pid, descriptor)


def set_size(descriptor: int, rows: int, columns: int) -> None:
    """Set the size of the terminal behind a file descriptor."""
    fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
