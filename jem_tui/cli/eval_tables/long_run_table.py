"""Table of the chains in a long run."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

from rich.table import Table

from jem_tui.cli.eval_tables.layout import new_table
from jem_tui.cli.interval_text import both_ends

if TYPE_CHECKING:
    from jem_tui.jem.evaluation.evaluate_run import Evaluation


CONVERGED = "converged chains have R-hat below 1.01; ESS: effective sample size of all chains"


def long_run_table(runs: list[Evaluation]) -> Table | None:
    """Return the table of what many steps from the replay buffer change."""
    shown = [(mark, run.chains) for mark, run in zip_longest(("", "² "), runs) if run and run.chains]
    if not shown:
        return None
    first = shown[0][1]
    table = new_table(f"{first.chains:,} chains of the buffer after {first.steps:,} more steps", "", "value", "95 %")
    for mark, one in shown:
        table.add_row(
            f"{mark}confidence before", f"{one.confidence_before:.3f}", both_ends(one.confidence_before_interval)
        )
        table.add_row(
            f"{mark}confidence after", f"{one.confidence_after:.3f}", both_ends(one.confidence_after_interval)
        )
        table.add_row(f"{mark}same class", f"{one.same_class:.3f}", both_ends(one.same_class_interval))
        table.add_row(f"{mark}change of E, nats", f"{one.energy_drift:.2f}", both_ends(one.energy_drift_interval, 2))
    table.caption = "confidence and class: by the reference classifier"
    return table


def diagnostics_table(runs: list[Evaluation]) -> Table | None:
    """Return the table of the convergence of chains: a row for each feature."""
    shown = [(mark, run.chains) for mark, run in zip_longest(("", "² "), runs) if run and run.chains]
    if not shown:
        return None
    table = new_table("Convergence of these chains", "", "R-hat", "ESS (bulk)", "steps per independent state")
    for mark, one in shown:
        for row in one.features:
            numbers = (row.rhat, ".2f"), (row.ess_bulk, ",.0f"), (row.autocorrelation_time, ",.0f")
            values = ["–" if value is None else format(value, form) for value, form in numbers]
            table.add_row(f"{mark}{row.name}", *values)
    facts = []
    for mark, one in shown:
        temperature = "none" if one.temperature is None else f"{one.temperature:.2g}"
        accepted = "–" if one.acceptance is None else f"{one.acceptance:.2f}"
        facts.append(f"{mark}{one.sampler} at temperature {temperature}; acceptance of a step by MALA: {accepted}")
    table.caption = "\n".join([CONVERGED, *facts])
    return table
