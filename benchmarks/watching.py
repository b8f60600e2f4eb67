"""Cost of watching: training speed with the screen over training speed without, interleaved, as medians.

python -m benchmarks.watching [ROUNDS [STEPS [DEVICE]]]
"""

from __future__ import annotations

import json
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pexpect

from benchmarks.interleaved import ratios
from benchmarks.report import Row, at_least, markdown, plain
from jem_tui.events.run import StepDone
from jem_tui.stream.replay.replayer import read_events

WARM_UP = 30
"""Fewest steps at the start that do not count; of a long run, an eighth does not count."""
BARE = "no screen"
FACES: dict[str, tuple[int, int] | None] = {BARE: None, "120×35": (35, 120), "200×60": (60, 200)}
"""Names of screens, with rows and columns of the terminal."""
AIMS = {"120×35": 0.97, "200×60": 0.95}


def images_per_second(run_dir: Path) -> float:
    """Return the speed by the recorded times of the steps, without the first ones."""
    steps = [event for event in read_events(run_dir) if isinstance(event, StepDone)]
    steps = steps[max(WARM_UP, len(steps) // 8) :]
    return (steps[-1].images - steps[0].images) / (steps[-1].time - steps[0].time)


def train(folder: Path, steps: int, size: tuple[int, int] | None, device: str = "cpu") -> float:
    """Return the images per second of one run, with a screen of `size` rows and columns, or without one."""
    args = ["-m", "jem_tui", "train", "--max-steps", str(steps), "-s", "train.epochs=1000", "--seed", "1"]
    args += ["--device", device, "--run-dir", str(folder)]
    if size is None:
        args.append("--no-ui")
    program = pexpect.spawn(sys.executable, args, dimensions=size or (24, 80), env=terminal())
    while not ended(folder) and program.isalive():
        try:
            program.read_nonblocking(1 << 16, timeout=0.2)
        except (pexpect.TIMEOUT, pexpect.EOF):
            time.sleep(0.01)
    program.kill(signal.SIGKILL)
    program.wait()
    return images_per_second(folder)


def ended(folder: Path) -> bool:
    """Return whether `run.json` reports a finished run."""
    file = folder / "run.json"
    return file.exists() and json.loads(file.read_text())["status"] != "running"


def terminal() -> dict[str, str]:
    """Return the environment of a capable terminal."""
    import os

    return {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}


def measure(rounds: int, steps: int, device: str) -> dict[str, list[float]]:
    """Return the images per second of each face, measured in turn."""
    speeds: dict[str, list[float]] = {name: [] for name in FACES}
    for _ in range(rounds):
        for name, size in FACES.items():
            with tempfile.TemporaryDirectory() as folder:
                speeds[name].append(train(Path(folder) / "run", steps, size, device))
                print(f"{name}: {speeds[name][-1]:,.0f} images/s", file=sys.stderr, flush=True)
    return speeds


def rows(rounds: int, steps: int, device: str = "cpu") -> Iterator[Row]:
    """Yield the speed with the screen over the speed without it."""
    speeds = measure(rounds, steps, device)
    yield plain("training without the screen, images/s", f"{median(speeds[BARE]):.0f}")
    for name, aim in AIMS.items():
        yield at_least(f"images/s with the screen at {name} over without", ratios(speeds, name, BARE), aim)


def main(rounds: str = "5", steps: str = "250", device: str = "cpu") -> None:
    """Print the table."""
    print("\n".join(markdown(rows(int(rounds), int(steps), device))))


if __name__ == "__main__":
    main(*sys.argv[1:])
