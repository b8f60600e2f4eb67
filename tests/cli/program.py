"""The program in a process of its own, as scripts call it."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import Any

import pytest

SMALL = [
    "network.width=4",
    "buffer.size=64",
    "train.batch_size=16",
    "train.threads=1",
    "sgld.steps=2",
    "record.tiles=9",
    "record.evaluate_images=50",
]


def setting_words(*settings: str) -> list[str]:
    """Return the words of a command line that set each `section.key=value` of `settings`."""
    return [word for setting in settings for word in ("-s", setting)]


TRAIN = ["train", "--no-ui", "--json", "--seed", "1", "--device", "cpu", *setting_words(*SMALL)]
ABSURD = [*TRAIN, "-s", "optimizer.rate=1000", "-s", "optimizer.warmup=0", "-s", "objective.hinge=0"]
"""Settings of a training run that diverges within a few steps."""


def jem_tui(*args: object, **kwargs: Any) -> subprocess.CompletedProcess[str]:
    """Run the program to its end; `kwargs` are those of `subprocess.run`."""
    command = [sys.executable, "-m", "jem_tui", *map(str, args)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, **kwargs)


def refused(*args: object, **kwargs: Any) -> str:
    """Return the stderr of a call that must end with exit code 2."""
    done = jem_tui(*args, **kwargs)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def start(*args: object) -> subprocess.Popen[str]:
    """Start the program with the default action of SIGINT, which background jobs of a shell ignore."""
    command = [sys.executable, "-m", "jem_tui", *map(str, args)]
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def read_until(process: subprocess.Popen[str], word: str) -> None:
    """Read stdout up to a line that contains `word`; fail the test if there is none."""
    assert process.stdout is not None
    for line in process.stdout:
        if word in line:
            return
    pytest.fail(f"{word} was not printed")
