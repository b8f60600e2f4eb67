"""Memorised samples: those that are nearer to a training image than most held-out images are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from jem_tui.jem.data.image_set import as_input
from jem_tui.jem.evaluation.intervals import binomial_interval
from jem_tui.jem.evaluation.jackknife import Estimate

EXPECTED = 0.05
"""Share of held-out images that count as near to a training image, and so the expected share of a model that memorises nothing."""
CHUNK = 2000
"""Training images whose distances are in memory at once."""


@dataclass(frozen=True, kw_only=True)
class Nearest:
    """The training image nearest to each of n images."""

    distance: Tensor
    """Euclidean distance, shape (n,)."""
    row: Tensor
    """Row number of the training image, shape (n,)."""


def as_points(images: Tensor) -> Tensor:
    """Return the pixels of images, uint8 or in [−1, 1], as points (n, pixels) in [−1, 1]."""
    return (as_input(images) if images.dtype == torch.uint8 else images).flatten(1)


def pixel_points(training: Tensor) -> Iterator[Tensor]:
    """Yield uint8 images (m, channels, height, width) as points, in chunks."""
    return (as_points(chunk) for chunk in torch.split(training, CHUNK))


def nearest_points(points: Tensor, training: Iterable[Tensor]) -> Nearest:
    """Return the training image nearest to each of the points (n, d); `training` yields chunks (m, d)."""
    best = torch.full((len(points),), torch.inf, device=points.device)
    row = torch.zeros(len(points), dtype=torch.int64, device=points.device)
    start = 0
    for chunk in training:
        distance, place = torch.cdist(points, chunk).min(1)
        nearer = distance < best
        best, row = torch.where(nearer, distance, best), torch.where(nearer, place + start, row)
        start += len(chunk)
    return Nearest(distance=best, row=row)


def memorised_share(samples: Tensor, held_out: Tensor) -> Estimate:
    """Return the share of samples whose distance to the nearest training image is at most the 5 % quantile of held-out images.

    `samples` (n,) and `held_out` (m,) are distances to the nearest training image. The interval is Wilson's for n·m / (n + m)
    trials, because the quantile is an estimate as well.
    """
    limit = held_out.double().quantile(EXPECTED)
    share = float((samples.double() <= limit).double().mean())
    trials = max(1, round(len(samples) * len(held_out) / (len(samples) + len(held_out))))
    low, high = binomial_interval(round(share * trials), trials)
    return Estimate(value=share, interval=(min(share, low), max(share, high)))
