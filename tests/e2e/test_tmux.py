"""The screen inside tmux, which is a terminal of its own: what it shows, keys, sizes, and the shell afterwards."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

RUN = Path(__file__).parents[2] / "results" / "demo"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("tmux") is None, reason="no tmux"),
    pytest.mark.skipif(not RUN.exists(), reason="no recorded run"),
]


class Tmux:
    """A server of its own with one window."""

    def __init__(self, command: list[str], width: int, height: int) -> None:
        self._socket = f"jem-tui-{uuid.uuid4().hex}"
        size = ["-x", str(width), "-y", str(height)]
        self._tell(
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
        return self._tell("capture-pane", "-p", "-t", "main")

    def press(self, *keys: str) -> None:
        self._tell("send-keys", "-t", "main", *keys)

    def resize(self, width: int, height: int) -> None:
        self._tell("resize-window", "-t", "main", "-x", str(width), "-y", str(height))

    def comes(self, ready: Callable[[str], bool], seconds: float = 40) -> str:
        """Wait until the window's text is as expected; fails with that text."""
        deadline = time.monotonic() + seconds
        while not ready(text := self.text()):
            assert time.monotonic() < deadline, text
            time.sleep(0.1)
        return text

    def end(self) -> None:
        self._tell("kill-server")

    def _tell(self, *words: str) -> str:
        told = subprocess.run(
            ["tmux", "-L", self._socket, *words], capture_output=True, text=True, timeout=20, check=True
        )
        return told.stdout


@pytest.fixture
def tmux() -> Iterator[Tmux]:
    window = Tmux([sys.executable, "-m", "jem_tui", "replay", str(RUN), "--speed", "200"], 120, 35)
    yield window
    window.end()


def test_a_replay_in_tmux_draws_obeys_keys_follows_the_size_and_leaves_a_clean_shell(tmux):
    text = tmux.comes(lambda text: "ENDED" in text)
    assert "JEM/nrg" in text and "2,800/2,800" in text and "replay buffer" in text
    assert max(map(len, text.splitlines())) <= 120
    tmux.press("c")
    tmux.comes(lambda text: "quadrant 1/2" in text or "half-block" in text)
    tmux.press("?")
    tmux.comes(lambda text: "esc closes" in text)
    tmux.press("Escape")
    tmux.comes(lambda text: "esc closes" not in text)
    tmux.resize(80, 24)
    tmux.comes(lambda text: "1 curves" in text or "curves" in text.splitlines()[2])
    tmux.press("q")
    tmux.comes(lambda text: "ENDED" not in text and "JEM/nrg" not in text)
