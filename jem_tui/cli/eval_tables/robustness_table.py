"""Table of accuracy under attack."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table

from jem_tui.cli.eval_tables.layout import new_table, percent

if TYPE_CHECKING:
    from jem_tui.jem.evaluation.evaluate_run import Evaluation

NORMS = {"linf": "L∞", "l2": "L2"}


def robustness_table(runs: list[Evaluation]) -> Table | None:
    """Return the table of accuracy under attack: a row for each ε, a column for each number of refinement steps and for the other run."""
    results = [{(c.norm, c.epsilon, c.refine): c.accuracy for c in run.robustness} for run in runs if run.robustness]
    if not results or runs[0].robustness is None:
        return None
    cases = runs[0].robustness
    steps = list(dict.fromkeys(case.refine for case in cases))
    columns = [f"JEM-{k}" if k else "network" for k in steps] + ["against"] * (len(results) - 1)
    title = f"Accuracy under PGD-20 on {cases[0].images:,} test images, pixels in [0, 1]"
    table = new_table(title, "", *columns)
    labels = {f"{NORMS[c.norm]} ε = {c.epsilon:.3g}" if c.epsilon else "no attack": (c.norm, c.epsilon) for c in cases}
    for label, case in labels.items():
        values = [results[0][*case, k] for k in steps] + [r[*case, 0] for r in results[1:]]
        table.add_row(label, *map(percent, values))
    return table
