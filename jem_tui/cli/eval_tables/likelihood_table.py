"""Table of the likelihood of images."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

from rich.table import Table

from jem_tui.cli.eval_tables.layout import new_table
from jem_tui.cli.interval_text import both_ends

if TYPE_CHECKING:
    from jem_tui.jem.evaluation.evaluate_run import Evaluation


def likelihood_table(runs: list[Evaluation]) -> Table | None:
    """Return the table of bits per dimension by both bounds on log Z."""
    shown = [(mark, run.likelihood) for mark, run in zip_longest(("", "² "), runs) if run and run.likelihood]
    if not shown:
        return None
    first = shown[0][1]
    title = f"Likelihood of {first.images:,} test images at temperature 1, bits per dimension"
    table = new_table(title, "", "log Z, nats", "bits", "95 %")
    for mark, one in shown:
        lower, upper = one.partition.lower, one.partition.upper
        table.add_row(
            f"{mark}AIS from noise", f"{lower:.1f}", f"{one.bits_lower:.4f}", both_ends(one.bits_lower_interval, 4)
        )
        table.add_row(
            f"{mark}AIS in reverse, ≈", f"{upper:.1f}", f"{one.bits_upper:.4f}", both_ends(one.bits_upper_interval, 4)
        )
    reasons = dict.fromkeys(
        f"{mark}likelihood under the chains of the run: {one.of_sampler}" for mark, one in shown if one.of_sampler
    )
    table.caption = "\n".join(
        ["uniform noise has 8 bits; in reverse, chains of the buffer at temperature 1 replace exact samples", *reasons]
    )
    return table
