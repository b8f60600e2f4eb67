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
from contextlib import suppress
from pathlib import Path
from statistics import median

import pexpect

from benchmarks.interleaved import ratios
from benchmarks.report import Row, at_least, markdown, plain
from jem_tui.events.run import StepDone
from jem_tui.stream.attach.door_file import read_door
from jem_tui.stream.replay.replayer import read_events

WARM_UP = 30
"""Fewest steps at the start that do not count; of a long run, an eighth does not count."""
BARE, ATTACHED = "no screen", "attached"
FACES: dict[str, tuple[int, int] | None] = {BARE: None, "120×35": (35, 120), "200×60": (60, 200), ATTACHED: None}
"""Names of screens, with rows and columns of the terminal. That of another process, which is attached, has 120×35."""
AIMS = {"120×35": 0.97, "200×60": 0.95}


def images_per_second(run_dir: Path) -> float:
    """Return the speed by the recorded times of the steps, without the first ones."""
    steps = [event for event in read_events(run_dir) if isinstance(event, StepDone)]
    steps = steps[max(WARM_UP, len(steps) // 8) :]
    return (steps[-1].images - steps[0].images) / (steps[-1].time - steps[0].time)


def train(folder: Path, steps: int, face: str, device: str = "cpu") -> float:
    """Return the images per second of one run with a face."""
    args = ["train", "--max-steps", str(steps), "-s", "train.epochs=1000", "--seed", "1"]
    args += ["--device", device, "--run-dir", str(folder)]
    size = FACES[face]
    if size is None:
        args.append("--no-ui")
    programs = [program(args, size or (24, 80))]
    while not ended(folder) and programs[0].isalive():
        if face == ATTACHED and len(programs) == 1 and read_door(folder) is not None:
            programs.append(program(["attach", str(folder)], FACES["120×35"]))
        for each in programs:
            with suppress(pexpect.TIMEOUT, pexpect.EOF):
                each.read_nonblocking(1 << 16, timeout=0.1)
        time.sleep(0.01)
    for each in programs:
        each.kill(signal.SIGKILL)
        each.wait()
    return images_per_second(folder)


def program(args: list[str], size: tuple[int, int] | None) -> pexpect.spawn[bytes]:
    """Start jem-tui in a terminal of `size` rows and columns."""
    return pexpect.spawn(sys.executable, ["-m", "jem_tui", *args], dimensions=size, env=terminal())


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
        for name in FACES:
            with tempfile.TemporaryDirectory() as folder:
                speeds[name].append(train(Path(folder) / "run", steps, name, device))
                print(f"{name}: {speeds[name][-1]:,.0f} images/s", file=sys.stderr, flush=True)
    return speeds


def rows(rounds: int, steps: int, device: str = "cpu") -> Iterator[Row]:
    """Yield the speed with the screen over the speed without it."""
    speeds = measure(rounds, steps, device)
    yield plain("training without the screen, images/s", f"{median(speeds[BARE]):.0f}")
    for name, aim in AIMS.items():
        yield at_least(f"images/s with the screen at {name} over without", ratios(speeds, name, BARE), aim)
    yield at_least(
        "images/s with a screen of another process at 120×35 over without", ratios(speeds, ATTACHED, BARE), 0.97
    )
    yield plain("… over with the screen at 120×35", ratios(speeds, ATTACHED, "120×35"))


def main(rounds: str = "5", steps: str = "250", device: str = "cpu") -> None:
    """Print the table."""
    print("\n".join(markdown(rows(int(rounds), int(steps), device))))


if __name__ == "__main__":
    main(*sys.argv[1:])
