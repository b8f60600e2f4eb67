"""One run of a sweep: `train --continue` in a process of its own, whose JSON lines are read."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Literal

from jem_tui.errors import EXIT_CODES, InputError
from jem_tui.launch.sweep_grid import GridPoint
from jem_tui.run_files import RUN_FILE
from jem_tui.stream.runs.run_dir import read_run_file
from jem_tui.stream.runs.run_lock import is_being_written

State = Literal[
    "waiting", "running", "finished", "stopped", "stopped early", "failed", "diverged", "interrupted", "in use"
]
BY_CODE: dict[int, State] = {0: "finished", 3: "diverged", 130: "interrupted"}
"""States after an exit code; any other code is a failure."""
TRAIN = (sys.executable, "-P", "-m", "jem_tui", "train")
MOST_LINE = 64 << 20
PATIENCE = 2.0
"""Seconds that a sweep waits for the last lines of an ended process, whose pipe a process that it started may keep open."""
_READ = ('{"event": "StepDone"', '{"event": "Evaluated"', '{"event": "Rewound"')
"""Beginnings of the lines that are parsed."""


class SweepRun:
    """A run with its state, its newest step and the curve of the metric by which runs are compared."""

    def __init__(self, point: GridPoint, folder: Path, metric: str) -> None:
        """Describe the run of a grid point in `folder`; `metric` is `split/name` of a score."""
        self.point = point
        self.folder = folder
        self.state: State = "waiting"
        self.step = 0
        self.code: int | None = None
        """Exit code of the process; None before its end."""
        self.curve: dict[int, float] = {}
        """Values of the metric by step."""
        self.early = False
        """True once the run has been asked to stop because it falls behind."""
        self._unasked = threading.Lock()
        """Held once the process has been asked to stop."""
        self._metric = metric
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None

    @property
    def log(self) -> Path:
        """The file with what the process prints on stderr."""
        return self.folder.with_name(f"{self.folder.name}.log")

    @property
    def began(self) -> bool:
        """True if the folder holds a run."""
        return (self.folder / RUN_FILE).exists()

    def recall(self) -> None:
        """Take step and curve from the folder of a run that began earlier."""
        with suppress(InputError, OSError):
            self.step = read_run_file(self.folder).step
            from jem_tui.stream.reader.read_points import read_points

            found = read_points(self.folder).points.get(self._metric)
            if found is not None:
                ordered = found.in_order()
                self.curve = {int(step): float(value) for step, value in zip(ordered.step, ordered.value, strict=True)}

    def start(self, options: Sequence[str]) -> None:
        """Start the process in a session of its own, so that Ctrl-C reaches it through the sweep alone. Raises OSError."""
        words = [word for setting in self.point.words for word in ("-s", setting)]
        command = [*TRAIN, "--continue", "--run-dir", str(self.folder), "--json"]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*command, *words, *options],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                errors="replace",
                start_new_session=True,
            )
        self.state = "running"
        assert self._process.stdout is not None
        reader = threading.Thread(target=self._read, args=(self._process.stdout,), daemon=True)
        reader.start()
        self._reader = reader

    def interrupt(self, *, hurry: bool = False) -> None:
        """Ask the process once to save and stop; with `hurry`, ask again, upon which it ends at once."""
        process = self._process
        if process is None or process.poll() is not None:
            return
        # The lock is taken in one step, which the handler of a signal cannot divide
        if self._unasked.acquire(blocking=False) or hurry:
            with suppress(OSError):
                os.kill(process.pid, signal.SIGINT)

    def poll(self) -> bool:
        """Return whether the process has ended, and take over its end."""
        if self._process is None:
            return self.state != "running"
        if self._process.poll() is None:
            return False
        if self._reader is not None:
            self._reader.join(PATIENCE)
        self.code, self._process = self._process.returncode, None
        self.state = self._end()
        with suppress(InputError, OSError):
            self.step = read_run_file(self.folder).step
        return True

    def _end(self) -> State:
        """Return the state of the ended run: by its exit code, and for a run that a viewer has stopped, by its file."""
        state = BY_CODE.get(self.code or 0, "failed")
        if state == "interrupted" and self.early:
            return "stopped early"
        if self.code == EXIT_CODES["refused"] and is_being_written(self.folder):
            return "in use"
        with suppress(InputError, OSError):
            if state == "finished" and read_run_file(self.folder).status == "stopped":
                return "stopped"
        return state

    def _read(self, stdout: IO[str]) -> None:
        """Follow the events of the process until it ends; a line that is no event changes nothing."""
        try:
            while line := stdout.readline(MOST_LINE):
                if line.startswith(_READ):
                    with suppress(Exception):
                        self._take(json.loads(line))
        # The process blocks once nothing empties its pipe
        except Exception:
            _drain(stdout.fileno())

    def _take(self, event: dict[str, Any]) -> None:
        self.step = int(event["step"])
        if event["event"] == "Rewound":
            self.curve = {step: value for step, value in self.curve.items() if step <= self.step}
        split, _, name = self._metric.partition("/")
        if event["event"] == "Evaluated" and event["split"] == split and name in event["scores"]:
            self.curve = {**self.curve, self.step: float(event["scores"][name])}


def _drain(descriptor: int) -> None:
    """Read and drop what arrives until the other end closes the pipe."""
    with suppress(OSError):
        while os.read(descriptor, 1 << 16):
            pass
