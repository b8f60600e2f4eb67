"""Tables of sample quality."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import zip_longest
from typing import TYPE_CHECKING

from rich.table import Table

from jem_tui.cli.eval_tables.layout import new_table, percent
from jem_tui.cli.interval_text import with_interval

if TYPE_CHECKING:
    from jem_tui.jem.evaluation.evaluate_run import Evaluation
    from jem_tui.jem.evaluation.own_features import FeatureQuality
    from jem_tui.jem.evaluation.sample_evaluation import SampleEvaluation
    from jem_tui.jem.evaluation.sample_quality import SampleQuality

    Rows = Iterator[tuple[str, SampleQuality]]

SOURCES = {
    "buffer": "replay buffer",
    "initial": "fresh, as in training",
    "informative": "fresh, from Gaussians",
    "uniform": "fresh, from noise",
    "conditional": "fresh, of each class",
    "held-out": "real, held out",
    "gaussians": "class Gaussians",
    "noise": "uniform noise",
}
NONE = "–"


def samples_table(runs: list[Evaluation]) -> Table | None:
    """Return the table of distances to held-out images as measured by the reference classifier."""
    first = first_samples(runs)
    if first is None:
        return None
    title = f"Samples, judged by a reference classifier of {percent(first.reference.accuracy)} accuracy"
    table = new_table(title, "", "chains", "steps", "Fréchet ∞", "1000 KID", "confidence")
    for name, one in rows(runs):
        distances = figure(one, "frechet_unbiased", 1), figure(one, "kid", 1, 1000)
        table.add_row(name, f"{one.images:,}", steps(one), *distances, figure(one, "confidence", 2))
    seen = "\nthe reference was trained on the held-out images, too" if first.reference.saw_held_out else ""
    table.caption = (
        f"distances to {first.quality[0].held_out:,} test images, unbiased at every number of chains;\n"
        f"real, held out: of one half of them to the other{seen}"
    )
    return table


def diversity_table(runs: list[Evaluation]) -> Table | None:
    """Return the table of how samples overlap with held-out images."""
    first = first_samples(runs)
    if first is None:
        return None
    title = f"Overlap of {first.quality[0].compared:,} samples with as many test images, 5 nearest neighbours"
    table = new_table(title, "", "precision", "recall", "density", "coverage")
    for name, one in rows(runs):
        table.add_row(name, *(figure(one, key, 2) for key in ("precision", "recall", "density", "coverage")))
    table.caption = (
        "precision and density: realism; recall and coverage: variety; 1 is perfect\n"
        "one outlier among the images can raise precision and recall, not the other two"
    )
    return table


def memory_table(runs: list[Evaluation]) -> Table | None:
    """Return the table of predicted classes and of memorised samples."""
    first = first_samples(runs)
    if first is None:
        return None
    conditional = any(one.class_accuracy is not None for _, one in rows(runs))
    own = ["own class, %"] if conditional else []
    table = new_table("Classes and memory of samples", "", "entropy", "agree, %", *own, "near px, %", "near feat., %")
    for name, one in rows(runs):
        shares = ["agreement", *(["class_accuracy"] if conditional else []), "memorised_pixels", "memorised_features"]
        table.add_row(name, figure(one, "class_entropy", 3), *(figure(one, key, 1, 100) for key in shares))
    table.caption = (
        "agree: network and reference predict the same class; near: nearer to an image\n"
        "of the training set, by pixels or by features, than 95 % of test images are:\n"
        f"5 % are expected (of {first.quality[0].compared:,})"
    )
    return table


def features_table(runs: list[Evaluation]) -> Table | None:
    """Return the table of sample quality in features of the user."""
    shown = [(mark, run.samples.own) for mark, run in zip_longest(("", "² "), runs) if run and run.samples]
    first = shown[0][1] if shown else None
    if first is None:
        return None
    title = f"Samples, in the {first.features:,} features of {first.function}"
    table = new_table(title, "", "Fréchet", "real", "Fréchet ∞", "KID", "IS")
    for mark, own in shown:
        for one in own.quality if own else ():
            score = NONE if one.score is None else f"{one.score:.2f}"
            biased = short_number(one.frechet, 4), short_number(one.floor, 4)
            unbiased = of_any_size(one, "frechet_unbiased"), of_any_size(one, "kid")
            table.add_row(f"{mark}{SOURCES[one.source]}", *biased, *unbiased, score)
    table.caption = (
        f"Fréchet: biased, to {first.training_images:,} training images; real: that of as many test images;\n"
        "Fréchet ∞ and KID: unbiased, to test images; IS: Inception score"
    )
    return table


def first_samples(runs: list[Evaluation]) -> SampleEvaluation | None:
    """Return the samples of the first run that has any."""
    return next((run.samples for run in runs if run.samples), None)


def rows(runs: list[Evaluation]) -> Rows:
    """Yield every kind of samples of every run with its name, and once the images for comparison."""
    for mark, run in zip_longest(("", "² "), runs):
        for one in run.samples.quality if run and run.samples else ():
            yield f"{mark}{SOURCES[one.source]}", one
    first = first_samples(runs)
    for one in first.ends if first else ():
        yield SOURCES[one.source], one


def of_any_size(one: FeatureQuality, name: str) -> str:
    """Format a field with the longer half of its interval, in significant digits, because features of the user have any unit."""
    value, interval = getattr(one, name), getattr(one, f"{name}_interval")
    if value is None:
        return NONE
    return f"{short_number(value, 3)} ± {short_number(max(value - interval[0], interval[1] - value), 2)}"


def short_number(value: float, digits: int) -> str:
    """Format a number with some significant digits, and as an integer from 1,000 to a million."""
    return f"{value:,.0f}" if 1000 <= abs(value) < 1e6 else f"{value:.{digits}g}"


def figure(one: SampleQuality, name: str, decimals: int, scale: float = 1.0) -> str:
    """Format a field with the longer half of its interval, so that all columns fit; a dash where it is None."""
    value, interval = getattr(one, name), getattr(one, f"{name}_interval")
    if value is None:
        return NONE
    half = max(value - interval[0], interval[1] - value)
    return with_interval(value, (value - half, value + half), decimals, scale)


def steps(one: SampleQuality) -> str:
    """Format the number of steps; empty for chains of their own ages."""
    return "" if one.steps is None else f"{one.steps:,}"


TABLES: tuple[Callable[[list[Evaluation]], Table | None], ...] = (
    samples_table,
    diversity_table,
    memory_table,
    features_table,
)
"""The tables of samples, in order."""
