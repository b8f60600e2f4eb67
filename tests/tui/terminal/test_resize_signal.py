"""A screen in a session without a controlling terminal, as under torchrun: keys work, and the screen follows the size of the terminal."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pyte
import pytest

from jem_tui.tui.terminal.resize_signal import misses_resizes
from tests.e2e.forked_terminal import set_size
from tests.stream.stream_events import record, small_run
from tests.wait_until import PATIENCE


class DetachedTerminal:
    """The program in a session of its own on a terminal that does not control it, and the text on its screen."""

    def __init__(self, descriptor: int, process: subprocess.Popen[bytes], columns: int, rows: int) -> None:
        self.descriptor = descriptor
        self.process = process
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)

    def resize(self, columns: int, rows: int) -> None:
        set_size(self.descriptor, rows, columns)
        self._screen.resize(rows, columns)

    def wait(self, ready: Callable[[str], bool], seconds: float = PATIENCE) -> None:
        """Display output until `ready` accepts the text of the screen."""
        deadline = time.monotonic() + seconds
        while not ready("\n".join(self._screen.display)):
            assert time.monotonic() < deadline, "\n".join(self._screen.display)
            if select.select([self.descriptor], [], [], 0.1)[0]:
                # reading fails once the program has ended
                with suppress(OSError):
                    self._stream.feed(os.read(self.descriptor, 1 << 16))


@contextmanager
def detached_terminal(*words: str, columns: int, rows: int) -> Iterator[DetachedTerminal]:
    ours, theirs = os.openpty()
    set_size(ours, rows, columns)
    unsized = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
    process = subprocess.Popen(
        [sys.executable, "-m", "jem_tui", *words],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        env={**unsized, "TERM": "xterm-256color", "COLORTERM": "truecolor"},
    )
    os.close(theirs)
    try:
        yield DetachedTerminal(ours, process, columns, rows)
    finally:
        process.kill()
        process.wait()
        os.close(ours)


@pytest.mark.slow
def test_the_screen_follows_a_terminal_that_sends_no_signal(tmp_path: Path):
    run_dir = record(tmp_path / "run", small_run(10))
    with detached_terminal("replay", str(run_dir), columns=80, rows=24) as terminal:
        terminal.wait(lambda text: "1 curves" in text and "quit" in text)
        terminal.resize(120, 35)
        terminal.wait(lambda text: "1 curves" not in text and "replay buffer" in text and "^p palette" in text)
        terminal.resize(60, 20)
        terminal.wait(lambda text: "1 curves" in text and "palette" not in text)
        os.write(terminal.descriptor, b"q")
        terminal.wait(lambda text: terminal.process.poll() is not None)
        assert terminal.process.returncode == 0


def test_a_terminal_of_another_session_sends_no_signal():
    ours, theirs = os.openpty()
    reading, writing = os.pipe()
    try:
        assert misses_resizes(theirs)
        assert not misses_resizes(reading)
    finally:
        for descriptor in (ours, theirs, reading, writing):
            os.close(descriptor)
