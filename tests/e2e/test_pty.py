"""The program in a real terminal, from its first frame to the shell's prompt, and the recording of it replayed."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pexpect
import pyte
import pytest

SIZE = (30, 110)
SMALL = [
    "network.width=4",
    "buffer.size=64",
    "train.batch_size=16",
    "sgld.steps=2",
    "record.evaluate_images=50",
    "train.threads=1",
]


class Terminal:
    """A program and what its terminal shows."""

    def __init__(self, *args: object, size: tuple[int, int] = SIZE, **environment: str) -> None:
        self.screen = pyte.Screen(size[1], size[0])
        self._stream = pyte.Stream(self.screen)
        self.process = pexpect.spawn(
            sys.executable,
            ["-m", "jem_tui", *map(str, args)],
            dimensions=size,
            encoding="utf-8",
            env={
                "TERM": "xterm-256color",
                "COLORTERM": "truecolor",
                "PATH": "/usr/bin:/bin",
                "HOME": "/tmp",
                "JEM_TUI_CONFIG_DIR": os.environ["JEM_TUI_CONFIG_DIR"],
                **environment,
            },
        )
        self.raw = ""

    @property
    def text(self) -> str:
        return "\n".join(self.screen.display)

    def wait(self, ready: Callable[[str], bool], seconds: float = 60) -> str:
        """Read until the screen's text is as expected; fails with that text."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self._read()
            if ready(self.text):
                return self.text
        raise AssertionError(self.text)

    def settled(self, seconds: float = 10) -> str:
        """Read until the program has written nothing for a tenth of a second, and return the screen's text."""
        deadline = time.monotonic() + seconds
        while self._read():
            assert time.monotonic() < deadline, "the program never stops writing"
        return self.text

    def end(self, seconds: float = 30) -> int:
        """Read to the end of the program; its exit code."""
        deadline = time.monotonic() + seconds
        while self.process.isalive() and time.monotonic() < deadline:
            self._read()
        self._read()
        self.process.close()
        return self.process.exitstatus

    def _read(self) -> bool:
        """Show what the program has written; return whether that was anything."""
        try:
            data = self.process.read_nonblocking(65_536, timeout=0.1)
        except (pexpect.TIMEOUT, pexpect.EOF):
            return False
        self.raw += data
        self._stream.feed(data)
        return True


def steps_shown(text: str) -> int:
    words = text.replace(",", "").split()
    return int(words[words.index("step") + 1].split("/")[0])


def test_train_pause_step_save_and_quit_and_replay_the_run(tmp_path):
    run_dir = tmp_path / "run"
    train_and_save(run_dir)
    replay_to_the_end(run_dir)


def train_and_save(run_dir: Path) -> None:
    words = [w for s in SMALL for w in ("-s", s)]
    terminal = Terminal("train", "--run-dir", run_dir, "--seed", 1, *words)
    terminal.wait(lambda text: "jem-tui" in text)
    terminal.wait(lambda text: "TRAINING" in text and "JEM/total" in text)
    terminal.process.send("p")
    terminal.wait(lambda text: "PAUSED" in text)
    before = steps_shown(terminal.settled())
    terminal.process.send("n")
    terminal.wait(lambda text: steps_shown(text) == before + 1)
    terminal.process.send("s")
    terminal.wait(lambda text: f"checkpoint saved: step_{before + 1:06d}" in text)
    terminal.process.send("r")
    terminal.wait(lambda text: "reseeded all 64 chains" in text)
    terminal.process.send("?")
    terminal.wait(lambda text: "esc closes" in text)
    terminal.process.send("\x1b")
    terminal.wait(lambda text: "esc closes" not in text)
    terminal.process.send("q")
    terminal.wait(lambda text: "stop and save" in text.lower())
    terminal.process.send("s")
    assert terminal.end() == 0
    assert f"stopped at step {before + 1:,}" in terminal.raw
    assert str(run_dir) in terminal.raw.replace("\r\n", "")
    assert "\x1b[?1049l" in terminal.raw
    assert "\x1b[?25h" in terminal.raw
    assert json.loads((run_dir / "run.json").read_text())["status"] == "stopped"


def replay_to_the_end(run_dir: Path) -> None:
    terminal = Terminal("replay", run_dir, "--speed", "100")
    text = terminal.wait(lambda text: "JEM/total" in text and "replay" in text.lower())
    assert "reseed " not in text.splitlines()[-1]
    terminal.wait(lambda text: "end of the recording: stopped" in text)
    terminal.process.send("q")
    assert terminal.end() == 0
    assert "\x1b[?1049l" in terminal.raw


def test_what_goes_wrong_while_loading_is_shown_and_is_exit_code_2(tmp_path):
    terminal = Terminal("train", "--data", "nowhere", "--run-dir", tmp_path / "run")
    terminal.wait(lambda text: "nowhere" in text and "mnist-mini" in text)
    terminal.process.send("q")
    assert terminal.end() == 2
    assert not (tmp_path / "run").exists()


DEMO = Path(__file__).parents[2] / "results" / "demo"


@pytest.mark.skipif(not DEMO.exists(), reason="no recorded run")
@pytest.mark.parametrize(
    ("environment", "absent", "present"),
    [
        ({"NO_COLOR": "1"}, "[38;2;122;162", "JEM/total"),
        ({"COLORTERM": "", "TERM": "xterm-256color"}, ";2;", "38;5;"),
        ({"LC_ALL": "C"}, "─", "---"),
        pytest.param({"LC_ALL": "de_DE.ISO-8859-1"}, "─", "---", marks=pytest.mark.slow),
    ],
)
def test_terminals_that_can_do_less(environment, absent, present, tmp_path):
    terminal = Terminal("replay", DEMO, "--speed", "1000", JEM_TUI_CONFIG_DIR=str(tmp_path), **environment)
    terminal.wait(lambda text: "ENDED" in text)
    terminal.process.send("T")
    terminal.wait(lambda text: any("theme" in path.read_text() for path in tmp_path.iterdir()))
    terminal.settled()
    terminal.process.send("q")
    assert terminal.end() == 0
    assert absent not in terminal.raw
    assert present in terminal.raw


@pytest.mark.skipif(not DEMO.exists(), reason="no recorded run")
def test_layout_and_theme_are_there_again_at_the_next_start(tmp_path):
    home = {"JEM_TUI_CONFIG_DIR": str(tmp_path)}
    terminal = Terminal("replay", DEMO, "--speed", "1000", **home)
    terminal.wait(lambda text: "ENDED" in text and "notes" in text)
    terminal.process.send("4")
    terminal.wait(lambda text: "notes" not in text)
    terminal.process.send("q")
    assert terminal.end() == 0
    terminal = Terminal("replay", DEMO, "--speed", "1000", **home)
    assert "notes" not in terminal.wait(lambda text: "ENDED" in text and "JEM/total" in text)
    terminal.process.send("q")
    assert terminal.end() == 0
