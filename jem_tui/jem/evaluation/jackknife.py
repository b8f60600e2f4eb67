"""The delete-a-group jackknife, for two-sample statistics that the repeated rows of a bootstrap would bias."""

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
    """Yield, for each of at most `groups` groups, the remaining row numbers of two randomly ordered sets of `n` and `m` rows."""
    used = min(groups, n, m)
    first, second = torch.arange(n), torch.arange(m)
    for group in range(used):
        yield first[first % used != group], second[second % used != group]


def jackknife_error(without: Sequence[float]) -> float:
    """Return √((g − 1)/g · Σ (θᵢ − θ̄)²), the standard error of a statistic, from its values θᵢ without each of g groups.

    It overestimates the error of statistics that are nearly quadratic, such as a distance between equal distributions.
    """
    mean = sum(without) / len(without)
    spread = sum((value - mean) ** 2 for value in without)
    return math.sqrt((len(without) - 1) / len(without) * spread)


def estimate(value: float, error: float, least: float = -math.inf, most: float = math.inf) -> Estimate:
    """Return `value` with the interval `value ± 1.96 error`, limited to [least, most]."""
    low, high = max(least, value - Z * error), min(most, value + Z * error)
    return Estimate(value=value, interval=(min(value, low), max(value, high)))
