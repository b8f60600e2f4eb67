"""Commands other than training that get SIGINT at different moments."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from jem_tui.cli import headless
from jem_tui.signals import INTERRUPTED
from tests.cli.handlers import kept_handlers
from tests.cli.signalled_training import SignalledTraining

INTERRUPTING = """
import os, signal, sys, threading, time
from jem_tui.cli import main

def interrupt(seconds):
    while signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        time.sleep(0)
    time.sleep(seconds)
    os.kill(os.getpid(), signal.SIGINT)

threading.Thread(target=interrupt, args=(float(sys.argv.pop(1)),)).start()
main()
"""


def interrupted_after(seconds: float, *args: object) -> subprocess.CompletedProcess[str]:
    """Run a command that sends itself SIGINT `seconds` after it has installed a handler."""
    command = [sys.executable, "-c", INTERRUPTING, str(seconds), *map(str, args)]
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=60,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def commands(run_dir: Path) -> dict[str, list[object]]:
    """Return the words of each command to interrupt."""
    return {
        "config": ["config"],
        "runs": ["runs", run_dir.parent],
        "once": ["replay", "--once", run_dir],
        "export": ["export", "--only", "csv", "--out", run_dir.parent / "out", run_dir],
        "help": ["train", "--help"],
    }


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a finished run."""
    run_dir = tmp_path_factory.mktemp("recorded") / "run"
    with kept_handlers():
        headless.run(SignalledTraining(run_dir).open, run_dir)
    return run_dir


def check_interrupted(seconds: float, args: Iterable[object]) -> None:
    """Interrupt a command: it prints nothing to stderr and exits with 130, or with 0 if it ended earlier."""
    done = interrupted_after(seconds, *args)
    assert done.returncode in (0, INTERRUPTED), (seconds, done)
    assert done.stderr == "", (seconds, done)


@pytest.mark.parametrize(("name", "seconds"), [("config", 0.02), ("runs", 0.1), ("once", 0.2), ("export", 0.15)])
def test_ctrl_c_early_exits_with_130_silently(name: str, seconds: float, recorded: Path):
    check_interrupted(seconds, commands(recorded)[name])


@pytest.mark.slow
@pytest.mark.parametrize(
    "shares", [(0,), pytest.param((1, 2, 3), marks=pytest.mark.exhaustive)], ids=["a quarter", "the others"]
)
@pytest.mark.parametrize(("place", "name"), [*enumerate(("config", "runs", "once", "export", "help"))])
def test_ctrl_c_at_any_moment_exits_with_130_or_0(place: int, name: str, shares: tuple[int, ...], recorded: Path):
    # each of the twelve moments belongs to the quarter of one command at least
    for number in (number for number in range(12) if (number + place) % 4 in shares):
        check_interrupted(0.04 * number, commands(recorded)[name])
