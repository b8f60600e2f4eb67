"""Runs that a launcher starts, with the processes of their ranks."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tests.cli.program import SMALL, setting_words
from tests.wait_until import PATIENCE, wait_until

PROGRAM = [sys.executable, "-m", "jem_tui"]
RUN = ["train", "--seed", "1", "--device", "cpu", *setting_words(*SMALL)]
DEADLINE = PATIENCE
"""Seconds within which a run ends."""


class LaunchedRun:
    """A run of two ranks on this machine; its files and output are in one folder."""

    def __init__(
        self, folder: Path, *words: str, launcher: Sequence[str] = PROGRAM, ranks: Sequence[str] = ("--ranks", "2")
    ):
        self.run_dir = folder / "run"
        self._out, self._err = folder / "out", folder / "err"
        command = [*launcher, *RUN, *ranks, "--run-dir", str(self.run_dir), *words]
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "OMP_NUM_THREADS": "1"}
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self.process = subprocess.Popen(
                command,
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
                preexec_fn=default_signals,
            )

    @property
    def err(self) -> str:
        """The text on stderr."""
        return self._err.read_text()

    @property
    def events(self) -> list[dict[str, object]]:
        """The events that were printed on stdout, complete lines only."""
        return [json.loads(line) for line in self._out.read_text().split("\n")[:-1]]

    def steps(self) -> int:
        """Return the number of steps that were printed."""
        return self._out.read_text().count('"StepDone"')

    def await_steps(self, steps: int) -> None:
        """Wait until some steps were printed."""
        wait_until(lambda: self.steps() >= steps or self.process.poll() is not None, lambda: self.err, DEADLINE)
        assert self.process.poll() is None, self.err

    def pid_of(self, rank: int) -> int:
        """Return the process of a rank."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return next(int(pid) for pid in children if f"RANK={rank}".encode() in variables_of(pid))

    def send(self, number: int, rank: int | None = None) -> None:
        """Send a signal to a rank; None: to the launcher."""
        os.kill(self.process.pid if rank is None else self.pid_of(rank), number)

    def end(self) -> int:
        """Wait for the end of the launcher, and return its exit code."""
        return self.process.wait(DEADLINE)

    def seconds_to_end(self) -> float:
        """Wait for the end of the launcher, and return the seconds that it took."""
        began = time.monotonic()
        self.end()
        return time.monotonic() - began

    def kill(self) -> None:
        """Kill all processes that are left."""
        for pid in [rank for rank in range(2) if self.process.poll() is None]:
            try:
                os.kill(self.pid_of(pid), signal.SIGKILL)
            except (OSError, StopIteration):
                continue
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def variables_of(pid: str) -> list[bytes]:
    """Return the environment variables of a process."""
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return []


def default_signals() -> None:
    """Restore the default action of signals that a shell ignores for background jobs."""
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)
