"""The Fréchet distance between features of two sets of images, biased and extrapolated to infinitely many images."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from jem_tui.jem.evaluation.jackknife import Estimate, estimate, jackknife_error, rows_without_a_group

PARTS = (1, 2, 4)
"""Numbers of equal parts into which both sets are divided for the extrapolation."""
DRAWS = 4
"""Random divisions into each number of parts."""
ROWS_PER_FEATURE = 2
"""Rows for each feature that a part needs: with fewer, the bias is no longer linear in 1/N."""


@dataclass(frozen=True, kw_only=True)
class Gaussian:
    """A Gaussian in d dimensions in double precision on the CPU."""

    mean: Tensor
    """Shape (d,)."""
    covariance: Tensor
    """Shape (d, d)."""


def fitted_gaussian(features: Tensor) -> Gaussian:
    """Return the Gaussian with mean and covariance of features (n, d). Raises ValueError for fewer than two rows."""
    if len(features) < 2:
        raise ValueError("a Gaussian cannot be fitted to fewer than two samples")
    x, d = features.double().cpu(), features.shape[1]
    return Gaussian(mean=x.mean(0), covariance=x.T.cov().reshape(d, d))


def distance_of_gaussians(first: Gaussian, second: Gaussian) -> float:
    """Return |μ₁ − μ₂|² + tr(Σ₁ + Σ₂ − 2 (Σ₁Σ₂)^½), at least 0."""
    values, directions = torch.linalg.eigh(first.covariance)
    root = (directions * values.clamp_min(0).sqrt()) @ directions.T
    # Σ₁Σ₂ has the eigenvalues of the symmetric Σ₁^½ Σ₂ Σ₁^½, whose decomposition is faster.
    root_trace = torch.linalg.eigvalsh(root @ second.covariance @ root).clamp_min(0).sqrt().sum()
    shift = (first.mean - second.mean).square().sum()
    return max(0.0, float(shift + first.covariance.trace() + second.covariance.trace() - 2 * root_trace))


def frechet_distance(real: Tensor, other: Tensor) -> float:
    """Return the Fréchet distance (arXiv 1706.08500) between the Gaussians fitted to features (n, d) and (m, d).

    It exceeds the distance of the distributions by about a constant times 1/n + 1/m. Raises ValueError if either has fewer
    than two rows.
    """
    return distance_of_gaussians(fitted_gaussian(real), fitted_gaussian(other))


def unbiased_frechet_distance(real: Tensor, other: Tensor, seed: int) -> Estimate | None:
    """Return the Fréchet distance between features (n, d) and (m, d) for n, m → ∞ (FD∞, arXiv 1911.07023); None with too few rows.

    Both sets are divided into k = 1, 2 and 4 equal parts. The bias of the mean distance of corresponding parts is linear in k, so
    that the value of the fitted line at k = 0 is unbiased; it can be negative. The interval has the jackknife error of the biased
    distance, because simulations show that the extrapolation adds little to it.
    """
    usable = parts_with_enough_rows(min(len(real), len(other)), real.shape[1])
    if len(usable) < 2:
        return None
    generator = torch.Generator().manual_seed(seed)
    real, other = (x.double().cpu()[torch.randperm(len(x), generator=generator)] for x in (real, other))
    means = [mean_distance(real, other, parts, generator) for parts in usable]
    without = rows_without_a_group(len(real), len(other))
    error = jackknife_error([frechet_distance(real[mine], other[theirs]) for mine, theirs in without])
    return estimate(at_zero(usable, means), error)


def parts_with_enough_rows(rows: int, features: int) -> list[int]:
    """Return the numbers in `PARTS` into which `rows` rows can be divided."""
    return [parts for parts in PARTS if rows // parts >= max(2, ROWS_PER_FEATURE * features)]


def mean_distance(real: Tensor, other: Tensor, parts: int, generator: torch.Generator) -> float:
    """Return the mean distance of corresponding parts of features (n, d) and (m, d), over `DRAWS` random divisions."""
    pairs = [pair for _ in range(DRAWS if parts > 1 else 1) for pair in divided(real, other, parts, generator)]
    return sum(frechet_distance(*pair) for pair in pairs) / len(pairs)


def divided(real: Tensor, other: Tensor, parts: int, generator: torch.Generator) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield pairs of equal parts of both sets, divided at random."""
    orders = [torch.randperm(len(x), generator=generator)[: len(x) // parts * parts] for x in (real, other)]
    for mine, theirs in zip(*(order.chunk(parts) for order in orders), strict=True):
        yield real[mine], other[theirs]


def at_zero(x: list[int], y: list[float]) -> float:
    """Return the value at 0 of the straight line fitted to points by least squares."""
    columns = torch.tensor([[1.0, value] for value in x], dtype=torch.float64)
    return float(torch.linalg.lstsq(columns, torch.tensor(y, dtype=torch.float64)[:, None]).solution[0])
