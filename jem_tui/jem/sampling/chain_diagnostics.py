"""Convergence diagnostics of chains: rank-normalised split R-hat and bulk effective sample size (arXiv 1903.08008), as in arviz."""

from __future__ import annotations

import math

import torch
from torch import Tensor


def rhat(values: Tensor) -> float:
    """Return the rank-normalised split R-hat of `values` (chains, draws): 1 where all chains follow one distribution.

    It is the maximum of the R-hat of the values, which detects chains at different locations, and of their absolute deviations
    from the median, which detects chains of different scales.
    """
    halves = split(values)
    return max(plain_rhat(normalised(halves)), plain_rhat(normalised((halves - halves.quantile(0.5)).abs())))


def ess_bulk(values: Tensor) -> float:
    """Return the effective sample size of the rank-normalised `values` (chains, draws), the number of equally precise independent draws.

    It is NaN for values that are all equal or not finite.
    """
    draws = normalised(split(values))
    within, total = variances(draws)
    correlations = 1 - (within - autocovariances(draws).mean(0)) / total
    if not correlations.isfinite().all():
        return math.nan
    correlations[0] = 1
    time = autocorrelation_time(correlations)
    most = draws.numel()
    return most / max(time, 1 / math.log10(most))


def autocorrelation_time(correlations: Tensor) -> float:
    """Return 2 · Σ correlations − 1 from the correlations at lags 0, 1, …, shape (draws,).

    The sum over pairs of lags ends at the first pair that is not positive, and is made monotone (Geyer's initial monotone sequence). The
    first lag of the last pair counts once, which makes the estimate better for short chains (arXiv 1903.08008, and arviz).
    """
    pairs = correlations[: 2 * max(1, (len(correlations) - 1) // 2)].view(-1, 2)
    sums = pairs.sum(1)
    negative = (sums <= 0).nonzero()
    last = int(negative[0]) if len(negative) else len(sums) - 1
    kept = float(pairs[last, 0]) if pairs[last, 0] > 0 or sums[last] >= 0 else 0.0
    earlier = float(sums[:last].cummin(0).values.sum()) if last else 0.0
    return 2 * earlier + kept - 1


def split(values: Tensor) -> Tensor:
    """Return both halves of each chain as chains of their own, float64, shape (2 chains, draws // 2)."""
    half = values.shape[1] // 2
    return torch.cat([values[:, :half], values[:, -half:]]).double()


def normalised(values: Tensor) -> Tensor:
    """Return the normal quantiles of the ranks of all values, equal values with their mean rank, in the shape of `values`.

    All are NaN unless all values are finite.
    """
    if not values.isfinite().all():
        return torch.full_like(values, torch.nan, dtype=torch.float64)
    _, places, counts = torch.unique(values, return_inverse=True, return_counts=True)
    ranks = (counts.cumsum(0) - (counts - 1) / 2)[places].double()
    quantiles: Tensor = torch.special.ndtri((ranks - 0.375) / (values.numel() + 0.25))
    return quantiles


def variances(draws: Tensor) -> tuple[Tensor, Tensor]:
    """Return the mean variance within chains, and the estimate of the total variance from within and between chains, as scalars."""
    count = draws.shape[1]
    within = draws.var(1).mean()
    return within, within * (count - 1) / count + draws.mean(1).var()


def plain_rhat(draws: Tensor) -> float:
    """Return √(total variance / variance within chains)."""
    within, total = variances(draws)
    return float((total / within).sqrt())


def autocovariances(draws: Tensor) -> Tensor:
    """Return the biased autocovariances of each chain at every lag, shape (chains, draws)."""
    count = draws.shape[1]
    centred = draws - draws.mean(1, keepdim=True)
    spectrum = torch.fft.rfft(centred, 2 * count).abs().square()
    covariances: Tensor = torch.fft.irfft(spectrum, 2 * count)[:, :count] / count
    return covariances
