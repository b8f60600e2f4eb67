"""A session that ends in time: its commands, each with a limit, and its log."""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKING = 20
"""Seconds kept for the last stage."""


@dataclass(kw_only=True)
class Session:
    """The arguments, the remaining time, and the folders of a session."""

    asked: argparse.Namespace
    out: Path
    work: Path
    end: float
    images: Callable[[], Path]
    """Waits until the images are packed, and returns their path."""
    epochs: int = 0
    """Epochs of the training run, once it has begun."""
    log: list[str] = field(default_factory=list)

    def left(self) -> float:
        """Return the seconds until the last stage must begin."""
        return self.end - PACKING - time.monotonic()

    def say(self, text: str) -> None:
        """Print a line, and append it to the log."""
        self.log.append(f"{self.left():6.0f} s left: {text}")
        print(self.log[-1], file=sys.stderr, flush=True)
        (self.out / "session.log").write_text("\n".join(self.log) + "\n")

    def run(self, name: str, words: Sequence[object], seconds: float) -> bool:
        """Run a command with its output in `work/NAME`, interrupted after `seconds`; return whether it succeeded."""
        began, limit = time.monotonic(), max(5.0, min(seconds, self.left()))
        command = [sys.executable, *map(str, words)]
        self.say(f"$ {' '.join(['python', *command[1:]])}   (at most {limit:.0f} s)")
        with (self.work / name).open("wb") as output:
            process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, cwd=ROOT)
            code = ended(process, limit)
        lines = (self.work / name).read_text(errors="replace").splitlines()
        self.say(f"exit code {code} after {time.monotonic() - began:.0f} s; {lines[-1] if lines else 'no output'}")
        return code == 0


def ended(process: subprocess.Popen[bytes], seconds: float) -> int:
    """Return the exit code; after the time limit, interrupt the process, and kill it if it does not end."""
    for patience, wake in ((seconds, signal.SIGINT), (20.0, signal.SIGKILL)):
        try:
            return process.wait(patience)
        except subprocess.TimeoutExpired:
            process.send_signal(wake)
    return process.wait()
