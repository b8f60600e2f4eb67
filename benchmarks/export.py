"""A million scalars as CSV, from a recording in memory: `python -m benchmarks.export`."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.report import Row, markdown
from jem_tui.stream.export.scalar_tables import SmoothedCurve, write_csv
from jem_tui.stream.export.smoothing import Smoother
from jem_tui.stream.log_data.points import LoggedPoints

TAGS = ("JEM/total", "JEM/nrg", "JEM/xe", "JEM/accuracy")
AIM = 3.0
"""Seconds of processor time."""


def curves(scalars: int) -> dict[str, SmoothedCurve]:
    """Return `scalars` random values in four curves, raw and smoothed."""
    count = scalars // len(TAGS)
    steps = np.arange(1, count + 1)
    times = np.asarray(1.8e9 + 0.07 * steps, np.float64)
    random = np.random.default_rng(0)
    found = {}
    for tag in TAGS:
        values = random.normal(size=count)
        found[tag] = SmoothedCurve(LoggedPoints(steps, times, values, 64 * steps), Smoother(0.9).extend(values))
    return found


def rows(rounds: int, scalars: int = 1_000_000) -> Iterator[Row]:
    """Measure the seconds to smooth and write `scalars` values."""
    found = []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            began = time.process_time()
            write_csv(Path(folder) / "scalars.csv", curves(scalars), foreign=False)
            found.append(time.process_time() - began)
    best = sorted(found)[len(found) // 2]
    name = f"{scalars:,} scalars to CSV, smoothed and raw"
    yield Row(
        name=name, found=f"{best:.2f} s ({min(found):.2f} … {max(found):.2f})", aim=f"≤ {AIM:g} s", reached=best <= AIM
    )


if __name__ == "__main__":
    print("\n".join(markdown(rows(3))))
