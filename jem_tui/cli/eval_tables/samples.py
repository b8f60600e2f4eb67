"""Tables of sample quality."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

from rich.table import Table

from jem_tui.cli.eval_tables.layout import new_table, percent

if TYPE_CHECKING:
    from jem_tui.jem.evaluation.evaluate_run import Evaluation

SOURCES = {
    "buffer": "replay buffer",
    "initial": "fresh, as in training",
    "informative": "fresh, from Gaussians",
    "uniform": "fresh, from noise",
}


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
