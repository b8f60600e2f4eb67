"""Table of accuracy and calibration, before and after temperature scaling."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.table import Table

from jem_tui.cli.eval_tables.layout import new_table, value_columns
from jem_tui.cli.interval_text import with_interval

if TYPE_CHECKING:
    from jem_tui.jem.evaluation.calibration import Classification, Scaled
    from jem_tui.jem.evaluation.evaluate_run import Evaluation


def classification_table(runs: list[Evaluation]) -> Table | None:
    """Return the table of accuracy, cross-entropy and calibration error; for two runs with McNemar's test in the caption."""
    results = [run.classification for run in runs if run.classification]
    if not results:
        return None
    table = new_table(f"Classification of {results[0].images:,} test images", "", *value_columns(runs))
    table.add_row("accuracy, %", *(with_interval(r.accuracy, r.accuracy_interval, 2, 100) for r in results))
    add_calibration(table, results, "")
    scaled = [result.scaled for result in results if result.scaled]
    if scaled:
        table.add_row("with temperature", *(f"{s.temperature:.3f}" for s in scaled))
        add_calibration(table, scaled, "  ")
    table.caption = caption(runs)
    return table


def add_calibration(table: Table, results: Sequence[Classification | Scaled], indent: str) -> None:
    """Add the rows of cross-entropy and of calibration error."""
    table.add_row(f"{indent}cross-entropy, nats", *(with_interval(r.xe, r.xe_interval, 4) for r in results))
    error = f"{indent}expected calibration error, %"
    table.add_row(error, *(with_interval(r.ece, r.ece_interval, 2, 100) for r in results))
    table.add_row(f"{indent}  in bins of equal mass", *(f"{r.ece_equal_mass:.2%}".rstrip("%") for r in results))
    floors = (with_interval(r.ece_floor, r.ece_floor_interval, 2, 100) for r in results)
    table.add_row(f"{indent}  if perfectly calibrated", *floors)


def caption(runs: list[Evaluation]) -> str:
    """Write the number of bins, the images that the temperature was fitted to, and the result of McNemar's test of two runs."""
    from jem_tui.jem.evaluation.paired import mcnemar_of, on_other_images

    lines = ["calibration error: in 15 bins of confidence"]
    scaled = runs[0].classification and runs[0].classification.scaled
    if scaled and runs[0].on == "validation":
        lines.append(f"temperature: each half is measured with that of the other half, {scaled.images:,} images")
    elif scaled:
        lines.append(f"temperature: fitted to {scaled.images:,} validation images")
    test = mcnemar_of(runs)
    if test:
        right = f"{test.only_first:,} images right only in run, {test.only_second:,} only in against"
        lines.append(f"McNemar's test: {right}, p = {test.p:.2g}")
    elif on_other_images(runs):
        lines.append("No McNemar's test, because the runs held out different images.")
    return "\n".join(lines)
