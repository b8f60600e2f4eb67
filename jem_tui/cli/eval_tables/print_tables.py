"""The tables of an evaluation, in order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from jem_tui.cli.eval_tables.classification import classification_table
from jem_tui.cli.eval_tables.layout import print_heading, print_table
from jem_tui.cli.eval_tables.likelihood_table import likelihood_table
from jem_tui.cli.eval_tables.long_run_table import diagnostics_table, long_run_table
from jem_tui.cli.eval_tables.ood import auroc_table, fpr95_table
from jem_tui.cli.eval_tables.robustness_table import robustness_table
from jem_tui.cli.eval_tables.samples import TABLES as SAMPLE_TABLES

if TYPE_CHECKING:
    from jem_tui.jem.evaluation.evaluate_run import Evaluation
    from jem_tui.jem.evaluation.request import MeasuredSplit

SECTIONS: Mapping[str, Sequence[Callable[[list[Evaluation]], Table | None]]] = {
    "Classification": (classification_table,),
    "Out-of-distribution detection": (auroc_table, fpr95_table),
    "Robustness": (robustness_table,),
    "Samples": SAMPLE_TABLES,
    "Chains in a long run": (long_run_table, diagnostics_table),
    "Likelihood": (likelihood_table,),
}
"""Functions from the evaluations of one or two runs to a table, or to None where the part was not requested, by heading."""
LEGEND = "± and (low to high): 95 % over the choice of images, not over seeds of training"
UNMEASURED = (
    "Nothing was measured: samples, chains and likelihood need a run with chains, and a plain classifier has none."
)
OTHER_RUN = "²: the run of --against"


def print_tables(console: Console, found: Sequence[tuple[Path, Evaluation]]) -> None:
    """Print the tables of each part under a heading. A second run has columns of its own under the heading `against`, or rows that begin with ²."""
    runs = [run for _, run in found]
    for heading, (folder, run) in zip(("", "against "), found, strict=False):
        facts = f"{run.network} on {run.data}, preset {run.preset}, step {run.step:,}, {run.parameters:,} weights"
        console.print(Text(f"{heading}{folder}: {facts}"), soft_wrap=True)
    sections = {
        heading: [table for table in (make(runs) for make in makers) if table is not None]
        for heading, makers in SECTIONS.items()
    }
    if not any(sections.values()):
        console.print(Text(f"\n{UNMEASURED}"), soft_wrap=True)
        return
    for heading, tables in sections.items():
        if tables:
            print_heading(console, heading)
        for table in tables:
            name_split(table, runs[0].on)
            print_table(console, table)
    legend = [LEGEND, *([OTHER_RUN] if len(runs) > 1 else [])]
    console.print(Text("\n" + "\n".join(legend), "dim"), soft_wrap=True)


def name_split(table: Table, on: MeasuredSplit) -> None:
    """Replace the test images in a title and a caption by the images that were measured."""
    for part in ("title", "caption"):
        text = getattr(table, part)
        if isinstance(text, str):
            setattr(table, part, text.replace("test images", f"{on} images"))
