"""A run that a launcher starts, as a person starts it, and all its processes, which a mark in their environment shows."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Self
from uuid import uuid4

import psutil

from tests.wait_until import wait_until

MARK = "JEM_TUI_TEST_RUN"
"""Environment variable by which all processes of a run are found, in any session."""
SECONDS = 60.0


class MarkedRun:
    """A launcher with its ranks. The `with` block ends every process."""

    def __init__(self, folder: Path, *command: object, **environment: str) -> None:
        """Start a command; its stdout is in `folder`/out.txt, its stderr in `folder`/err.txt."""
        folder.mkdir(parents=True, exist_ok=True)
        self._mark = uuid4().hex
        self._out, self._err = folder / "out.txt", folder / "err.txt"
        with self._out.open("w") as out, self._err.open("w") as err:
            self.process = subprocess.Popen(
                [*map(str, command)],
                stdout=out,
                stderr=err,
                stdin=subprocess.DEVNULL,
                env={**os.environ, **environment, MARK: self._mark},
                start_new_session=True,
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        for member in self.members():
            with suppress(psutil.NoSuchProcess):
                member.kill()
        self.process.wait()

    @property
    def out(self) -> str:
        """The standard output so far."""
        return self._out.read_text(errors="replace")

    @property
    def err(self) -> str:
        """The standard error so far."""
        return self._err.read_text(errors="replace")

    def printed(self) -> str:
        """Return the end of the output, for a failed assertion."""
        return f"--- out\n{self.out[-3000:]}\n--- err\n{self.err[-5000:]}"

    def members(self) -> list[psutil.Process]:
        """Return all processes of this run that have not ended."""
        return [process for process in psutil.process_iter() if environment_of(process).get(MARK) == self._mark]

    def rank(self, rank: int) -> psutil.Process:
        """Return the process of a rank."""
        return next(process for process in self.members() if environment_of(process).get("RANK") == str(rank))

    def end(self, seconds: float = SECONDS) -> int:
        """Wait until the launcher and all its processes have ended; return the exit code of the launcher."""
        wait_until(self._has_ended, self.printed, seconds)
        wait_until(lambda: not self.members(), lambda: f"left: {self.members()}\n{self.printed()}")
        return int(self.process.returncode)

    def _has_ended(self) -> bool:
        return self.process.poll() is not None


def environment_of(process: psutil.Process) -> dict[str, str]:
    """Return the environment with which a process was started, empty where it has ended or belongs to another user."""
    try:
        return dict(process.environ()) if process.status() != psutil.STATUS_ZOMBIE else {}
    except (psutil.Error, OSError):
        return {}


def torchrun(*options: str, ranks: int = 2) -> list[str]:
    """Return the words that start the program with torchrun on this machine."""
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={ranks}"]
    return [*launcher, *options, "-m", "jem_tui"]
