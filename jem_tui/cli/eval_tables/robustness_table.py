"""Table of accuracy under attack."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.table import Table

from jem_tui.cli.eval_tables.layout import new_table
from jem_tui.cli.interval_text import with_both_ends, with_margin
from jem_tui.jem.evaluation.request import NORMS

if TYPE_CHECKING:
    from jem_tui.jem.evaluation.evaluate_run import Evaluation
    from jem_tui.jem.evaluation.robustness import Robustness

MOST_WIDE = 2
"""Largest number of columns with both ends of an interval that fit."""


def robustness_table(runs: list[Evaluation]) -> Table | None:
    """Return the table of accuracy under attack: a row for each ε, a column for each number of refinement steps and for the other run."""
    results = [{(c.norm, c.epsilon, c.refine): c for c in run.robustness} for run in runs if run.robustness]
    if not results or runs[0].robustness is None:
        return None
    cases = runs[0].robustness
    steps = list(dict.fromkeys(case.refine for case in cases))
    columns = [f"JEM-{k}" if k else "network" for k in steps] + ["against"] * (len(results) - 1)
    title = f"Accuracy under the strongest attack on {cases[0].images:,} test images, %, pixels in [0, 1]"
    table = new_table(title, "", *columns)
    form = with_both_ends if len(columns) <= MOST_WIDE else with_margin
    labels = {f"{NORMS[c.norm]} ε = {c.epsilon:.3g}" if c.epsilon else "no attack": (c.norm, c.epsilon) for c in cases}
    for label, case in labels.items():
        found = [results[0][*case, k] for k in steps] + [r[*case, 0] for r in results[1:]]
        table.add_row(label, *(form(one.accuracy, one.accuracy_interval, 1, 100) for one in found))
    table.caption = caption(cases)
    return table


def caption(cases: Sequence[Robustness]) -> str:
    """Return the attacks of each column, and the meaning of the figures."""
    lines = []
    for refine in dict.fromkeys(case.refine for case in cases):
        names = dict.fromkeys(name for case in cases if case.refine == refine for name in case.attack_names())
        column = f"JEM-{refine}" if refine else "network"
        lines.append(f"{column}, set {cases[0].attacks}: {', '.join(names)}")
    lines.append("an image is robust if no attack breaks it: an upper bound, as a stronger attack may break more")
    return "\n".join(lines)
