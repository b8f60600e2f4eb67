"""Tables of an evaluation, at most 80 columns wide."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from jem_tui.jem.evaluation.evaluate_run import Evaluation

NORMS = {"linf": "L∞", "l2": "L2"}
SCORES = {"log_px": "log p(x)", "max_py": "max p", "approximate_mass": "mass"}
SOURCES = {
    "buffer": "replay buffer",
    "initial": "fresh, as in training",
    "informative": "fresh, from Gaussians",
    "uniform": "fresh, from noise",
}


def print_tables(console: Console, found: Sequence[tuple[Path, Evaluation]]) -> None:
    """Print one table for each part. A second run has columns of its own under the heading `against`."""
    runs = [run for _, run in found]
    for heading, (folder, run) in zip(("", "against "), found, strict=False):
        facts = f"{run.network} on {run.data}, preset {run.preset}, step {run.step:,}, {run.parameters:,} weights"
        console.print(Text(f"{heading}{folder}: {facts}"), soft_wrap=True)
    for make in (classification_table, ood_table, robustness_table, samples_table, features_table):
        table = make(runs)
        if table is not None:
            print_table(console, table)


def print_table(console: Console, table: Table) -> None:
    """Print a table with its title and caption, which Rich would wrap to the width of the table."""
    title, caption = table.title or "", table.caption or ""
    table.title = table.caption = None
    console.print()
    console.print(Text(str(title), "bold"), soft_wrap=True)
    console.print(table)
    if caption:
        console.print(Text(str(caption), "dim"), soft_wrap=True)


def new_table(title: str, *columns: str) -> Table:
    """Return a table without borders, with the first column aligned left and all others aligned right."""
    table = Table(title=title, box=None, padding=(0, 2, 0, 0))
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number else "left", no_wrap=True)
    return table


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


def samples_table(runs: list[Evaluation]) -> Table | None:
    """Return the table of sample quality as measured by the reference classifier."""
    shown = [(mark, run.samples) for mark, run in zip_longest(("", "² "), runs) if run and run.samples]
    if not shown:
        return None
    reference = shown[0][1].reference
    title = f"Samples, judged by a reference classifier of {percent(reference.accuracy)} accuracy"
    table = new_table(title, "", "chains", "steps", "Fréchet", "real", "entropy", "confidence")
    for mark, samples in shown:
        for one in samples.quality:
            steps = "" if one.steps is None else f"{one.steps:,}"
            values = f"{one.frechet:.2f}", f"{one.floor:.2f}", f"{one.class_entropy:.3f}", f"{one.confidence:.3f}"
            table.add_row(f"{mark}{SOURCES[one.source]}", f"{one.images:,}", steps, *values)
    table.caption = (
        f"Fréchet distance to {reference.training_images:,} training images; real: that of as many test images"
    )
    return table


def features_table(runs: list[Evaluation]) -> Table | None:
    """Return the table of sample quality in features of the user."""
    shown = [(mark, run.samples.own) for mark, run in zip_longest(("", "² "), runs) if run and run.samples]
    first = shown[0][1] if shown else None
    if first is None:
        return None
    title = f"Samples, in the {first.features:,} features of {first.function}"
    table = new_table(title, "", "chains", "steps", "Fréchet", "real", "Inception score")
    for mark, own in shown:
        for one in own.quality if own else ():
            steps = "" if one.steps is None else f"{one.steps:,}"
            score = "–" if one.score is None else f"{one.score:.2f}"
            values = f"{one.frechet:.2f}", f"{one.floor:.2f}", score
            table.add_row(f"{mark}{SOURCES[one.source]}", f"{one.images:,}", steps, *values)
    table.caption = f"Fréchet distance to {first.training_images:,} training images; real: that of as many test images"
    return table


def value_columns(runs: list[Evaluation]) -> list[str]:
    """Return the column headings of a table with one number for each run."""
    return ["run", "against"][: len(runs)]


def percent(fraction: float) -> str:
    """Format a fraction as a percentage, such as `98.16 %`."""
    return f"{fraction:.2%}".replace("%", " %")
