"""The screen inside tmux, which is itself a terminal: text, keys, sizes, and the shell afterwards."""

from __future__ import annotations

import shutil
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.wait_until import PATIENCE, wait_until

RUN = Path(__file__).parents[2] / "results" / "demo"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("tmux") is None, reason="no tmux"),
    pytest.mark.skipif(not RUN.exists(), reason="no recorded run"),
]


class Tmux:
    """A separate tmux server with one window."""

    def __init__(self, command: list[str], width: int, height: int) -> None:
        self._socket = f"jem-tui-{uuid.uuid4().hex}"
        size = ["-x", str(width), "-y", str(height)]
        self._run(
            "-f",
            "/dev/null",
            "new-session",
            "-d",
            "-s",
            "main",
            *size,
            f"env -u COLUMNS -u LINES {' '.join(command)}; sleep 60",
        )

    def text(self) -> str:
        """Return the text of the window."""
        return self._run("capture-pane", "-p", "-t", "main")

    def press(self, *keys: str) -> None:
        """Send keys by their tmux names."""
        self._run("send-keys", "-t", "main", *keys)

    def resize(self, width: int, height: int) -> None:
        """Set the size of the window in cells."""
        self._run("resize-window", "-t", "main", "-x", str(width), "-y", str(height))

    def wait(self, ready: Callable[[str], bool], seconds: float = PATIENCE) -> str:
        """Wait until `ready` accepts the text of the window; return the text."""
        wait_until(lambda: ready(self.text()), self.text, seconds)
        return self.text()

    def end(self) -> None:
        """Stop the server and every program in it."""
        self._run("kill-server")

    def _run(self, *words: str) -> str:
        """Run a tmux command on the server; return its output."""
        done = subprocess.run(
            ["tmux", "-L", self._socket, *words], capture_output=True, text=True, timeout=PATIENCE, check=True
        )
        return done.stdout


@pytest.fixture
def tmux() -> Iterator[Tmux]:
    window = Tmux([sys.executable, "-m", "jem_tui", "replay", str(RUN), "--speed", "200"], 120, 35)
    yield window
    window.end()


def test_a_replay_in_tmux_handles_keys_and_resizes_and_restores_the_shell(tmux: Tmux):
    text = tmux.wait(lambda text: "ENDED" in text)
    assert "JEM/nrg" in text and "2,800/2,800" in text and "replay buffer" in text
    assert max(map(len, text.splitlines())) <= 120
    tmux.press("b")
    tmux.wait(lambda text: "braille" in text)
    tmux.press("?")
    tmux.wait(lambda text: "esc close" in text)
    tmux.press("Escape")
    tmux.wait(lambda text: "esc close" not in text)
    tmux.resize(80, 24)
    tmux.wait(lambda text: "1 curves" in text or "curves" in text.splitlines()[2])
    tmux.press("q")
    tmux.wait(lambda text: "ENDED" not in text and "JEM/nrg" not in text)
