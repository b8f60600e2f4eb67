"""Table of accuracy and calibration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table

from jem_tui.cli.eval_tables.layout import new_table, percent, value_columns

if TYPE_CHECKING:
    from jem_tui.jem.evaluation.evaluate_run import Evaluation


def classification_table(runs: list[Evaluation]) -> Table | None:
    """Return the table of accuracy, calibration error and cross-entropy."""
    results = [run.classification for run in runs]
    first = results[0]
    if first is None:
        return None
    table = new_table(f"Classification of {first.images:,} test images", "", *value_columns(runs))
    table.add_row("accuracy", *(percent(r.accuracy) if r else "–" for r in results))
    table.add_row("expected calibration error, 15 bins", *(f"{r.ece:.4f}" if r else "–" for r in results))
    table.add_row("cross-entropy, nats", *(f"{r.xe:.4f}" if r else "–" for r in results))
    return table
