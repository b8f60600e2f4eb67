"""Named figures of an evaluation, and their summary over seeds.

An evaluation is a mapping with nested parts; every number in it gets a name from its keys, so that new figures of an evaluation need no
change here. `x_interval` is the interval of `x`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from jem_tui.jem.evaluation.intervals import Interval

IDENTITY = ("name", "source", "attack", "norm", "epsilon", "refine", "score")
"""Fields that distinguish the entries of a list."""
BULKY = ("reliability", "edges", "counts", "pictures", "training_images", "images", "features")
"""Fields that describe a measurement or hold many numbers."""
INTERVAL = "_interval"


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A number of an evaluation with its interval of 95 %, if the evaluation has one."""

    value: float
    interval: Interval | None = None


@dataclass(frozen=True, kw_only=True)
class Summary:
    """A figure over seeds."""

    median: float
    low: float
    """The lowest of the seeds."""
    high: float
    seeds: int
    interval: Interval | None = None
    """The interval of the seed that is nearest to the median."""


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A row of the table: the figures whose names match a pattern, which can have groups for the label."""

    pattern: str
    label: str
    scale: float = 1.0
    higher: bool = True
    """True if larger figures are better."""


def samples(key: str, label: str, *, higher: bool = True) -> Shown:
    """Return the row of a figure of samples, for each of their sources."""
    return Shown(pattern=rf"samples\.quality\.(.+)\.{key}", label=f"{label}: {{0}}", higher=higher)


SHOWN = (
    Shown(pattern=r"classification\.accuracy", label="accuracy, %", scale=100),
    Shown(pattern=r"classification\.ece", label="ECE, %", scale=100, higher=False),
    Shown(pattern=r"classification\.scaled\.ece", label="ECE at the fitted temperature, %", scale=100, higher=False),
    Shown(pattern=r"ood\.sets\.(?!font digits)(.+)\.auroc\.log_px", label="AUROC of log p(x): {0}"),
    Shown(pattern=r"ood\.sets\.(?!font digits)(.+)\.auroc\.typicality", label="AUROC of typicality: {0}"),
    Shown(pattern=r"ood\.control\.auroc\.log_px", label="AUROC of log p(x): letters against font digits"),
    Shown(pattern=r"ood\.control\.auroc\.typicality", label="AUROC of typicality: letters against font digits"),
    Shown(
        pattern=r"ood\.sets\.font digits\.auroc\.(log_px|typicality)",
        label="control, AUROC of {0}: font digits",
        higher=False,
    ),
    Shown(pattern=r"ood\.sets\.(?!font digits)(.+)\.fpr95\.log_px", label="FPR95 of log p(x): {0}", higher=False),
    Shown(pattern=r"ood\.sets\.(?!font digits)(.+)\.fpr95\.typicality", label="FPR95 of typicality: {0}", higher=False),
    Shown(
        pattern=r"robustness\.(\w+ (?!0 |0\.accuracy).+)\.accuracy", label="accuracy under attack, {0}, %", scale=100
    ),
    samples("frechet_unbiased", "Fréchet distance, unbiased", higher=False),
    samples("frechet", "Fréchet distance, biased", higher=False),
    samples("kid", "kernel distance", higher=False),
    samples("precision", "precision"),
    samples("recall", "recall"),
    samples("density", "density"),
    samples("coverage", "coverage"),
    samples("confidence", "confidence of the reference"),
    samples("class_accuracy", "class accuracy"),
    samples("memorised_pixels", "memorised, by pixels", higher=False),
    Shown(pattern=r"chains\.(.+)", label="chains: {0}"),
    Shown(pattern=r"likelihood\.(.+)", label="likelihood: {0}"),
)
"""The rows of the table, in its order."""


def figures(evaluation: Mapping[str, Any]) -> dict[str, Figure]:
    """Return the figures of an evaluation by name, such as `ood.sets.letters.auroc.log_px`."""
    return dict(_figures(evaluation, ""))


def _figures(table: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Figure]]:
    for key, value in table.items():
        name = f"{prefix}{key}"
        if key in BULKY or key.endswith(INTERVAL):
            continue
        if isinstance(value, int | float) and not isinstance(value, bool):
            yield name, Figure(value=float(value), interval=interval_of(table, key))
        elif isinstance(value, Mapping):
            yield from _figures(with_intervals(value, table.get(key + INTERVAL)), f"{name}.")
        elif isinstance(value, Sequence) and not isinstance(value, str):
            for entry in value:
                if isinstance(entry, Mapping):
                    yield from _figures(without_identity(entry), f"{name}.{identity(entry)}.")


def interval_of(table: Mapping[str, Any], key: str) -> Interval | None:
    """Return the interval of a figure; None without one."""
    found = table.get(key + INTERVAL)
    return (float(found[0]), float(found[1])) if isinstance(found, Sequence) and len(found) == 2 else None


def with_intervals(values: Mapping[str, Any], intervals: object) -> Mapping[str, Any]:
    """Return a mapping of figures with the intervals of a mapping of the same keys."""
    if not isinstance(intervals, Mapping):
        return values
    return {**values, **{f"{key}{INTERVAL}": interval for key, interval in intervals.items()}}


def identity(entry: Mapping[str, Any]) -> str:
    """Return the name of an entry of a list from the fields that distinguish it."""
    return " ".join(word for key in IDENTITY if key in entry and (word := word_of(key, entry[key])))


def word_of(key: str, value: object) -> str:
    """Return a field that distinguishes an entry as text; an empty one for a classifier without refinement."""
    if key == "refine":
        return f"JEM-{value}" if value else ""
    return f"{value:.3g}" if isinstance(value, float) else str(value or "")


def without_identity(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return the measured fields of an entry of a list."""
    return {key: value for key, value in entry.items() if key not in IDENTITY}


def rows_of(names: Iterable[str], wanted: Sequence[str] = ()) -> list[tuple[str, str, Shown]]:
    """Return name, label and row of the figures that the table shows, in its order; of some, those with a wanted text in their label."""
    found = [
        (SHOWN.index(shown), name, label, shown)
        for name in names
        for label, shown in labels_of(name)
        if not wanted or any(text in label for text in wanted)
    ]
    return [(name, label, shown) for _, name, label, shown in sorted(found, key=lambda row: row[0])]


def labels_of(name: str) -> list[tuple[str, Shown]]:
    """Return the label of a figure and its row; nothing if the table leaves the figure out."""
    matches = ((re.fullmatch(shown.pattern, name), shown) for shown in SHOWN)
    return [(shown.label.format(*match.groups()), shown) for match, shown in matches if match]


def summary(found: Sequence[Figure]) -> Summary:
    """Return the median, the lowest and the highest value of a figure over seeds."""
    values = [figure.value for figure in found]
    middle = median(values)
    nearest = min(found, key=lambda figure: abs(figure.value - middle))
    return Summary(median=middle, low=min(values), high=max(values), seeds=len(values), interval=nearest.interval)
