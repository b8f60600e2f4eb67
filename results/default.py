"""The default recipe on full MNIST next to its classifier twin: the table of `jem-tui eval`, its plots, and samples."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from results.training import jem_tui, trained

COMMON = ("--device", "cpu", "-s", "train.threads=1")
JEM, TWIN = "default", "classifier"
"""Names of the run folders."""
EVALUATION = ("--refine", 1, "--refine", 10)


def make_default(data: Sequence[object], work: Path, target: Path) -> None:
    """Train both runs on `data` (words of `jem-tui train`) where they are missing, measure them, and draw."""
    train_default(data, work)
    trained(work / TWIN, [*data, *COMMON, "--preset", "classifier"])
    target.mkdir(parents=True, exist_ok=True)
    target = target.resolve()
    cpu = ("--device", "cpu")
    table = target / "table.txt"
    jem_tui("eval", JEM, "--against", TWIN, *EVALUATION, *cpu, "--out", target, output=table, inside=work)
    jem_tui(
        "sample", JEM, *cpu, "--count", 36, "--out", target / "fresh.png", "--gif", target / "fresh.gif", inside=work
    )


def train_default(data: Sequence[object], work: Path) -> Path:
    """Train the default recipe and return its run folder."""
    return trained(work / JEM, [*data, *COMMON])
