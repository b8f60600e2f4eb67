"""Overlap of samples with real images: precision and recall (arXiv 1904.06991), density and coverage (arXiv 2002.09797).

All four depend on the numbers of images, so that only figures of equally many images are comparable.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from jem_tui.jem.evaluation.jackknife import Estimate, estimate, jackknife_error, rows_without_a_group

NEIGHBOURS = 5
"""Rank k of the nearest neighbour in an image's own set that the ball around the image reaches."""
GROUPS = 10


@dataclass(frozen=True, kw_only=True)
class Overlap:
    """Overlap of samples with real images."""

    precision: Estimate
    """Share of samples in the ball of a real image."""
    recall: Estimate
    """Share of real images in the ball of a sample."""
    density: Estimate
    """Mean number of balls of real images that contain a sample, divided by `NEIGHBOURS`: 1 for equal distributions, and possibly larger."""
    coverage: Estimate
    """Share of real images whose ball contains a sample."""


@dataclass(frozen=True, kw_only=True)
class Distances:
    """Distances between features of n real images and of m samples."""

    real: Tensor
    """Shape (n, n)."""
    samples: Tensor
    """Shape (m, m)."""
    between: Tensor
    """Shape (n, m)."""

    def at(self, real: Tensor, samples: Tensor) -> Distances:
        """Return the distances between some rows of both sets."""
        return Distances(
            real=self.real[real][:, real],
            samples=self.samples[samples][:, samples],
            between=self.between[real][:, samples],
        )


def overlap(real: Tensor, samples: Tensor) -> Overlap | None:
    """Return the overlap of features (m, d) of samples with features (n, d) of real images, or None if either has too few rows.

    Both sets must be in random order for the intervals, which are those of the delete-a-group jackknife.
    """
    fewest = min(len(real), len(samples))
    if fewest - -(-fewest // GROUPS) <= NEIGHBOURS:
        return None
    distances = Distances(
        real=torch.cdist(real, real), samples=torch.cdist(samples, samples), between=torch.cdist(real, samples)
    )
    without = [shares(distances.at(*rows)) for rows in rows_without_a_group(len(real), len(samples), GROUPS)]
    errors = [jackknife_error(values) for values in zip(*without, strict=True)]
    found = zip(shares(distances), errors, (1.0, 1.0, float("inf"), 1.0), strict=True)
    precision, recall, density, coverage = (estimate(value, error, 0.0, most) for value, error, most in found)
    return Overlap(precision=precision, recall=recall, density=density, coverage=coverage)


def shares(distances: Distances) -> tuple[float, float, float, float]:
    """Return precision, recall, density and coverage."""
    # The nearest image in the own set is the image itself.
    real_radius = distances.real.kthvalue(NEIGHBOURS + 1, dim=1).values[:, None]
    sample_radius = distances.samples.kthvalue(NEIGHBOURS + 1, dim=1).values
    in_real_ball = distances.between < real_radius
    precision = in_real_ball.any(0).double().mean()
    recall = (distances.between < sample_radius).any(1).double().mean()
    density = in_real_ball.sum(0).double().mean() / NEIGHBOURS
    coverage = in_real_ball.any(1).double().mean()
    return float(precision), float(recall), float(density), float(coverage)
