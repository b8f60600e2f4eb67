"""A loop of at most a hundred steps a second that screens can join: `python -m tests.e2e.watched_loop FOLDER [STEPS]`.

The loop takes its last step once the file that `end_file` names exists.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.wait_until import wait_until


def end_file(folder: Path) -> Path:
    """Return the file that lets the loop take its last step."""
    return folder.with_suffix(".end")


def main(folder: str, steps: int = 1_000_000) -> None:
    """Step until a viewer stops the run, and print the reason for its end on stdout."""
    import jem_tui

    rate = [0.1]
    with jem_tui.watch(folder, total_steps=steps) as run:
        run.knob("rate", get=lambda: rate[0], set=lambda value: rate.__setitem__(0, value))
        for step in range(1, steps + 1):
            time.sleep(0.01)
            while step == steps and not end_file(Path(folder)).exists():
                time.sleep(0.01)
            run.step(images=16, loss=1 / step, rate=rate[0])
            print(step, flush=True)


class WatchedLoop:
    """The loop as a process that can be joined."""

    def __init__(self, folder: Path, steps: int = 1_000_000) -> None:
        self.folder = folder
        command = [sys.executable, "-m", "tests.e2e.watched_loop", str(folder), str(steps)]
        self._printed = folder.with_suffix(".steps")
        with self._printed.open("w") as printed:
            self.process = subprocess.Popen(command, stdout=printed, stderr=subprocess.PIPE, text=True)
        wait_until(lambda: self.step > 0 and (folder / "door.json").exists(), "the loop does not start")

    @property
    def step(self) -> int:
        """The last step of the loop."""
        lines = self._printed.read_text().split("\n")
        return int(lines[-2]) if len(lines) > 1 else 0

    def is_running(self) -> bool:
        return self.process.poll() is None

    def continues(self) -> bool:
        """Return whether the loop takes further steps before long."""
        step = self.step
        wait_until(lambda: self.step > step, "the loop does not continue")
        return self.is_running()

    def finish(self) -> None:
        """Let the loop take its last step once it has taken all others."""
        end_file(self.folder).touch()

    def end(self) -> None:
        """Kill the process; a second call does nothing."""
        self.process.kill()
        self.process.wait()
        assert self.process.stderr is not None
        self.process.stderr.close()


@contextmanager
def loop_in(folder: Path, steps: int = 1_000_000) -> Iterator[WatchedLoop]:
    """Start the loop, and kill it at the end of the block."""
    loop = WatchedLoop(folder, steps)
    try:
        yield loop
    finally:
        loop.end()


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
