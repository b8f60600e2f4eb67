"""KID, the kernel distance between features of two sets of images (arXiv 1801.01401): unbiased at every number of images."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from jem_tui.jem.evaluation.jackknife import Estimate, estimate

CHUNK = 1000
"""Rows of a kernel matrix that are in memory at once."""


@dataclass(frozen=True, kw_only=True)
class KernelSums:
    """Kernel sums within one set of features, shared by its distances to several other sets."""

    features: Tensor
    """Shape (n, d)."""
    within: Tensor
    """For each row, the sum of the kernel over all other rows, shape (n,)."""


def kernel_sums(features: Tensor) -> KernelSums:
    """Return the sums of the kernel within features (n, d), n ≥ 2."""
    diagonal = (features.square().sum(1).double() / features.shape[1] + 1) ** 3
    return KernelSums(features=features, within=row_sums(features, features) - diagonal)


def row_sums(x: Tensor, y: Tensor) -> Tensor:
    """Return, for each row of x (n, d), the sum of (x·y/d + 1)³ over all rows of y (m, d), in double precision."""
    chunks = [(part @ y.T / x.shape[1] + 1).pow_(3).sum(1, dtype=torch.float64) for part in torch.split(x, CHUNK)]
    return torch.cat(chunks)


def kernel_distance(real: KernelSums, other: KernelSums) -> Estimate:
    """Return the unbiased squared maximum mean discrepancy of two sets with the kernel (x·y/d + 1)³.

    It is negative for about half of all pairs of sets from one distribution. The interval is that of the leave-one-out jackknife,
    which needs only sums over rows.
    """
    n, m = len(real.features), len(other.features)
    between_real = row_sums(real.features, other.features)
    between_other = row_sums(other.features, real.features)
    first, second, cross = (float(part.sum()) for part in (real.within, other.within, between_real))
    value = discrepancy(first, second, cross, n, m)
    without_real = discrepancies(first - 2 * real.within, second, cross - between_real, n - 1, m)
    without_other = discrepancies(second - 2 * other.within, first, cross - between_other, m - 1, n)
    variance = sum((len(x) - 1) * float(x.var(correction=0)) for x in (without_real, without_other))
    return estimate(value, math.sqrt(variance))


def discrepancy(first: float, second: float, cross: float, n: int, m: int) -> float:
    """Return the U-statistic from the sums of the kernel within n rows, within m rows, and between both."""
    return first / (n * (n - 1)) + second / (m * (m - 1)) - 2 * cross / (n * m)


def discrepancies(first: Tensor, second: float, cross: Tensor, n: int, m: int) -> Tensor:
    """Return the U-statistics from several sums within n rows and between both sets, for two rows or more."""
    return first / max(1, n * (n - 1)) + second / (m * (m - 1)) - 2 * cross / (n * m)
