"""Confidence intervals of 95 % for the figures of an evaluation."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

Interval = tuple[float, float]
"""Lower and upper end of a confidence interval of 95 %."""

Z = 1.959964
"""The 97.5 % quantile of the standard normal distribution."""
LEVELS = (0.025, 0.975)
DRAWS = 200


def binomial_interval(hits: int, n: int) -> Interval:
    """Return the Wilson interval of a share of `hits` in `n` independent trials; (0, 1) without trials."""
    if not n:
        return 0.0, 1.0
    share, weight = hits / n, Z**2 / n
    centre = (share + weight / 2) / (1 + weight)
    half = Z / (1 + weight) * math.sqrt(share * (1 - share) / n + weight / (4 * n))
    # Rounding may put an end beyond the share itself where no trial or every trial hits.
    return min(share, max(0.0, centre - half)), max(share, min(1.0, centre + half))


def bootstrap_interval(statistic: Callable[[Tensor], float], n: int, seed: int, draws: int = DRAWS) -> Interval:
    """Return the percentile bootstrap interval of a statistic of `n` independent images.

    `statistic` receives the row numbers of a resample, int64 (n,) on the CPU, in which rows repeat.
    """
    return percentiles(resampled(statistic, n, seed, draws))


def mean_interval(values: Tensor, seed: int) -> Interval:
    """Return the bootstrap interval of the mean of `values` (n,), in double precision."""
    kept = values.double().cpu()
    return bootstrap_interval(lambda rows: float(kept[rows].mean()), len(kept), seed)


def unbiased_interval(value: float, statistic: Callable[[Tensor], float], n: int, seed: int) -> Interval:
    """Return the bootstrap interval of a statistic whose `value` resampling shifts, such as a sum of absolute differences.

    The percentile interval is moved by the difference of `value` and the mean of the resamples, and contains `value`.
    """
    values = resampled(statistic, n, seed)
    low, high = percentiles(values)
    shift = value - sum(values) / len(values)
    return min(value, low + shift), max(value, high + shift)


def resampled(statistic: Callable[[Tensor], float], n: int, seed: int, draws: int = DRAWS) -> list[float]:
    """Return a statistic of `draws` resamples of `n` rows with replacement."""
    generator = torch.Generator().manual_seed(seed)
    return [statistic(torch.randint(n, (n,), generator=generator)) for _ in range(draws)]


def percentiles(values: list[float]) -> Interval:
    """Return the 2.5 % and 97.5 % quantiles of bootstrapped values."""
    low, high = torch.tensor(values, dtype=torch.float64).quantile(torch.tensor(LEVELS, dtype=torch.float64)).tolist()
    return low, high
