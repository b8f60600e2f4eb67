"""The delete-a-group jackknife: intervals of two-sample statistics whose bootstrap is biased, because resampled rows repeat."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from jem_tui.jem.evaluation.intervals import Interval, Z

GROUPS = 20


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A figure with its confidence interval of 95 %."""

    value: float
    interval: Interval


def rows_without_a_group(n: int, m: int, groups: int = GROUPS) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield the row numbers that remain of two randomly ordered sets of `n` and `m` rows without each of at most `groups` equal groups."""
    used = min(groups, n, m)
    first, second = torch.arange(n), torch.arange(m)
    for group in range(used):
        yield first[first % used != group], second[second % used != group]


def jackknife_error(without: Sequence[float]) -> float:
    """Return the standard error of a statistic from its values without each group.

    It exceeds the true error where the statistic is nearly quadratic, such as a distance of equal distributions.
    """
    mean = sum(without) / len(without)
    spread = sum((value - mean) ** 2 for value in without)
    return math.sqrt((len(without) - 1) / len(without) * spread)


def estimate(value: float, error: float, least: float = -math.inf, most: float = math.inf) -> Estimate:
    """Return a figure with the normal interval of its standard error, cut off at the bounds of the figure."""
    low, high = max(least, value - Z * error), min(most, value + Z * error)
    return Estimate(value=value, interval=(min(value, low), max(value, high)))
