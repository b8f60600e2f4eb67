"""Separation of the data from one other set of images by each score, with bootstrap intervals over both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from jem_tui.jem.evaluation.intervals import DRAWS, Interval, percentiles
from jem_tui.jem.evaluation.scores import auroc, fpr95, rejected

Group = Literal["far", "near", "control", "other"]
"""Kind of a set: far (unlike the data), near (other classes in a similar style), control (the same classes from another source), other (unknown)."""


@dataclass(frozen=True, kw_only=True)
class Separation:
    """AUROC and FPR95 of the data against one set; the data is the positive class, an AUROC of ½ is chance."""

    name: str
    images: int
    group: Group
    auroc: Mapping[str, float]
    """AUROC by score: `log_px`, `max_py`, `approximate_mass`, `typicality`; below ½, the set has higher scores than the data."""
    auroc_interval: Mapping[str, Interval]
    fpr95: Mapping[str, float]
    """By score, the share of the set that reaches the threshold that 95 % of the data reach."""
    fpr95_interval: Mapping[str, Interval]


def separation(
    name: str, group: Group, inside: Mapping[str, Tensor], outside: Mapping[str, Tensor], seed: int
) -> Separation:
    """Compare two sets by every score that both have, finite float64 values (n,) and (m,)."""
    intervals = {score: separation_intervals(inside[score], outside[score], seed) for score in outside}
    return Separation(
        name=name,
        images=len(next(iter(outside.values()))),
        group=group,
        auroc={score: auroc(inside[score], outside[score]) for score in outside},
        auroc_interval={score: found[0] for score, found in intervals.items()},
        fpr95={score: fpr95(inside[score], outside[score]) for score in outside},
        fpr95_interval={score: found[1] for score, found in intervals.items()},
    )


def separation_intervals(inside: Tensor, outside: Tensor, seed: int, draws: int = DRAWS) -> tuple[Interval, Interval]:
    """Return bootstrap intervals of AUROC and FPR95 over both sets, from scores (n,) and (m,).

    Each resample is represented by the number of times that each image is drawn, so that the scores are sorted only once.
    """
    random = np.random.default_rng(seed)
    data, others = np.sort(inside.numpy()), np.sort(outside.numpy())
    n, m = len(data), len(others)
    weights = times_drawn(n, draws, random)
    below = np.zeros((draws, m + 1))
    below[:, 1:] = times_drawn(m, draws, random).cumsum(1)
    lower, upper = np.searchsorted(others, data), np.searchsorted(others, data, side="right")
    pairs = ((below[:, lower] + below[:, upper]) * weights).sum(1)
    first_kept = (weights.cumsum(1) <= rejected(n)).sum(1)
    passed = 1 - below[np.arange(draws), lower[first_kept]] / m
    return percentiles((pairs / (2 * n * m)).tolist()), percentiles(passed.tolist())


def times_drawn(count: int, draws: int, random: np.random.Generator) -> NDArray[np.float64]:
    """Return how often each of `count` images is in each of `draws` resamples with replacement, shape (draws, count)."""
    rows = random.integers(count, size=(draws, count)) + count * np.arange(draws)[:, None]
    return np.bincount(rows.ravel(), minlength=draws * count).reshape(draws, count).astype(np.float64)
