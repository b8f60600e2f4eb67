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

    The sum of autocorrelations ends at the first negative pair and is made monotone (Geyer's initial monotone sequence). It is NaN
    for values that are all equal or not finite.
    """
    draws = normalised(split(values))
    chains, count = draws.shape
    within, total = variances(draws)
    covariances = autocovariances(draws).mean(0)
    correlations = 1 - (within - covariances) / total
    correlations[0] = 1
    pairs = correlations[: count // 2 * 2].view(-1, 2).sum(1)
    positive = (pairs > 0).double().cumprod(0)
    time = float(2 * (pairs.cummin(0).values * positive).sum() - 1)
    most = chains * count
    return most / max(time, 1 / math.log10(most)) if math.isfinite(time) else math.nan


def split(values: Tensor) -> Tensor:
    """Return both halves of each chain as chains of their own, float64, shape (2 chains, draws // 2)."""
    half = values.shape[1] // 2
    return torch.cat([values[:, :half], values[:, -half:]]).double()


def normalised(values: Tensor) -> Tensor:
    """Return the normal quantiles of the ranks of all values, equal values with their mean rank, in the shape of `values`."""
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
