"""What watching costs: training speed with the screen over training speed without it, in turn, as medians.

python -m benchmarks.watching [ROUNDS [STEPS]]
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import pexpect

from jem_tui.events import StepDone
from jem_tui.stream.replayer import read_events

WARM_UP = 30
"""Steps at the start that do not count."""


def images_per_second(run_dir: Path) -> float:
    """From the recorded times of the steps, without the first ones."""
    steps = [event for event in read_events(run_dir) if isinstance(event, StepDone)][WARM_UP:]
    return (steps[-1].images - steps[0].images) / (steps[-1].time - steps[0].time)


def train(folder: Path, steps: int, size: tuple[int, int] | None) -> float:
    """Images per second of one run, under a screen of so many rows and columns or without one."""
    args = [
        "-m",
        "jem_tui",
        "train",
        "--max-steps",
        str(steps),
        "--seed",
        "1",
        "--device",
        "cpu",
        "--run-dir",
        str(folder),
    ]
    if size is None:
        args.append("--no-ui")
    program = pexpect.spawn(sys.executable, args, dimensions=size or (24, 80), env=terminal())
    while not ended(folder) and program.isalive():
        try:
            program.read_nonblocking(1 << 16, timeout=0.2)
        except (pexpect.TIMEOUT, pexpect.EOF):
            time.sleep(0.01)
    program.close(force=True)
    return images_per_second(folder)


def ended(folder: Path) -> bool:
    """Whether the run says that it has finished."""
    file = folder / "run.json"
    return file.exists() and json.loads(file.read_text())["status"] != "running"


def terminal() -> dict[str, str]:
    """The environment of a capable terminal."""
    import os

    return {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}


def main(rounds: int = 5, steps: int = 250) -> None:
    """Print images/s of each face and the ratio to training without the screen."""
    faces: dict[str, tuple[int, int] | None] = {"no screen": None, "120×35": (35, 120), "200×60": (60, 200)}
    speeds: dict[str, list[float]] = {name: [] for name in faces}
    for _ in range(rounds):
        for name, size in faces.items():
            with tempfile.TemporaryDirectory() as folder:
                speeds[name].append(train(Path(folder) / "run", steps, size))
    print(f"{'':10}  images/s  ratio (min … max over {rounds} rounds)")
    for name, values in speeds.items():
        ratios = [a / b for a, b in zip(values, speeds["no screen"], strict=True)]
        print(f"{name:10}  {median(values):8.0f}  {median(ratios):.3f} ({min(ratios):.3f} … {max(ratios):.3f})")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
