"""Table of out-of-distribution detection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table

from jem_tui.cli.eval_tables.layout import new_table

if TYPE_CHECKING:
    from jem_tui.jem.evaluation.evaluate_run import Evaluation

SCORES = {"log_px": "log p(x)", "max_py": "max p", "approximate_mass": "mass"}


def ood_table(runs: list[Evaluation]) -> Table | None:
    """Return the table of AUROCs: a row for each out-of-distribution set, a column for each score."""
    results = [run.ood for run in runs if run.ood]
    if not results:
        return None
    marks = ["", " ²"][: len(results)]
    columns = [f"{name}{mark}" for mark in marks for name in SCORES.values()]
    table = new_table(f"AUROC of {results[0].images:,} test images against other images, by score", "", *columns)
    for row in zip(*(result.sets for result in results), strict=True):
        table.add_row(row[0].name, *(f"{one.auroc[score]:.3f}" for one in row for score in SCORES))
    if len(results) > 1:
        table.caption = "² the other run"
    return table
