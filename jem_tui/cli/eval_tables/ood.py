"""Tables of out-of-distribution detection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from rich.table import Table

from jem_tui.cli.eval_tables.layout import new_table
from jem_tui.cli.interval_text import with_margin

if TYPE_CHECKING:
    from jem_tui.jem.evaluation.evaluate_run import Evaluation
    from jem_tui.jem.evaluation.separation import Separation

    Figure = Literal["auroc", "fpr95"]

SCORES = {"log_px": "log p(x)", "max_py": "max p", "approximate_mass": "mass", "typicality": "typicality"}
FONT_DIGITS = "font digits"
SCORE_LEGEND = "mass: −‖∂ log p(x)/∂x‖; typicality: as likely and as stationary under SGLD as validation images"
GROUPS = ("far", "near", "other", "control")


def auroc_table(runs: list[Evaluation]) -> Table | None:
    """Return the table of AUROCs: a row for each out-of-distribution set and run, a column for each score."""
    table = ood_table(runs, "auroc", "AUROC of {images:,} test images against other images, in %, by score")
    if table is not None:
        table.caption = f"100 is perfect, 50 is chance\n{SCORE_LEGEND}"
    return table


def fpr95_table(runs: list[Evaluation]) -> Table | None:
    """Return the table of FPR95, with the rows and columns of the AUROCs."""
    table = ood_table(runs, "fpr95", "Other images in % that pass for data where 95 % of {images:,} test images do")
    if table is not None:
        fonts = f"\na score that flags {FONT_DIGITS} like letters detects the font; vs {FONT_DIGITS}: these as the data"
        controlled = any(run.ood and run.ood.control for run in runs)
        table.caption = f"0 is perfect, 95 is chance{fonts if controlled else ''}"
    return table


def ood_table(runs: list[Evaluation], figure: Figure, title: str) -> Table | None:
    """Return a table of one figure, by groups of sets."""
    results = [run.ood for run in runs if run.ood]
    if not results:
        return None
    table = new_table(title.format(images=results[0].images), "", *SCORES.values())
    for group in GROUPS:
        rows = list(zip(*([one for one in found.compared if one.group == group] for found in results), strict=True))
        if rows:
            table.add_row(group)
        for same in rows:
            for mark, one in zip(("", "² "), same, strict=False):
                table.add_row(f" {mark}{one.name}", *cells(one, figure))
    return table


def cells(one: Separation, figure: Figure) -> list[str]:
    """Return the figure of each score with its interval."""
    values = one.auroc if figure == "auroc" else one.fpr95
    intervals = one.auroc_interval if figure == "auroc" else one.fpr95_interval
    return [with_margin(values[score], intervals[score], 1, 100) for score in SCORES]
