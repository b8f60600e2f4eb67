"""The cost of a watched step on the thread of the loop: `python -m benchmarks.watch_cost [STEPS]`, without torch."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from statistics import median

import jem_tui
from benchmarks.report import Row, plain

AIM = 50.0
"""Largest microseconds of a step with four metrics, the recording included."""
METRICS = {"loss": 0.731, "accuracy": 0.25, "train/energy": -3.5, "rate": 1e-4}
ROUNDS = 7


def microseconds(take_steps: Callable[[int], None], steps: int) -> list[float]:
    """Return the processor time of one step on this thread, in each round."""
    found = []
    for _ in range(ROUNDS):
        began = time.thread_time()
        take_steps(steps)
        found.append((time.thread_time() - began) / steps * 1e6)
    return found


def watched(metrics: Mapping[str, float], steps: int, *, door: bool) -> list[float]:
    """Return the microseconds of `WatchedRun.step` with these metrics."""
    with tempfile.TemporaryDirectory() as folder:
        run = jem_tui.watch(Path(folder) / "run", door=door)

        def take_steps(count: int) -> None:
            for _ in range(count):
                run.step(metrics, images=64)

        take_steps(steps)
        found = microseconds(take_steps, steps)
        run.close()
    return found


def rows(steps: int) -> Iterator[Row]:
    """Measure steps with four metrics and with none."""
    for name, metrics, door in (
        ("watched step, 4 metrics, µs", METRICS, True),
        ("… without a door", METRICS, False),
        ("… without metrics", {}, True),
        ("… with 40 metrics", {f"metric/{number}": number / 3 for number in range(40)}, True),
    ):
        found = watched(metrics, steps, door=door)
        text = f"{median(found):.1f} ({min(found):.1f} … {max(found):.1f})"
        if metrics is METRICS and door:
            yield Row(name=name, found=text, aim=f"≤ {AIM:g}", reached=median(found) <= AIM)
        else:
            yield plain(name, text)


if __name__ == "__main__":
    for row in rows(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000):
        print(f"{row.name}: {row.found} {row.aim}")
