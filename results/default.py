"""The default recipe on full MNIST next to its tuned classifier twin: the table of `jem-tui eval`, its plots, and samples.

Both runs are those of seed 0 after 20 minutes in the folder of `python -m benchmarks.quality`.
"""

from __future__ import annotations

from pathlib import Path

from jem_tui.errors import InputError
from jem_tui.run_files import RUN_FILE
from results.training import jem_tui

JEM, TWIN = Path("jem/seed-0/20min"), Path("twin/seed-0/20min/best")
EVALUATION = ("--refine", 1, "--refine", 10)


def make_default(study: Path, data_dir: Path, target: Path) -> None:
    """Measure both runs of a study, and draw. Raises InputError if the study lacks a run."""
    for run in (JEM, TWIN):
        if not (study / run / RUN_FILE).exists():
            raise InputError(f"{study} has no run {run}.", "Train it with python -m benchmarks.quality --work.")
    target.mkdir(parents=True, exist_ok=True)
    target = target.resolve()
    common = ("--device", "cpu", "--data-dir", data_dir.resolve())
    table, fresh = target / "table.txt", ("--out", target / "fresh.png", "--gif", target / "fresh.gif")
    jem_tui("eval", JEM, "--against", TWIN, *EVALUATION, *common, "--out", target, output=table, inside=study)
    jem_tui("sample", JEM, "--device", "cpu", "--count", 36, *fresh, inside=study)
