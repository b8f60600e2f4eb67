"""Memorised samples: images that lie nearer to a training image than held-out images do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from jem_tui.jem.data.image_set import as_input
from jem_tui.jem.evaluation.intervals import binomial_interval
from jem_tui.jem.evaluation.jackknife import Estimate

EXPECTED = 0.05
"""Share of held-out images that count as near to a training image: the value of a model that memorises nothing."""
CHUNK = 2000
"""Training images whose distances are in memory at once."""

Describe = Callable[[Tensor], Tensor]
"""A function from images, uint8 or in [−1, 1], to features (n, d) in which distances are measured."""


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


def nearest_training_images(images: Tensor, training: Tensor, describe: Describe = as_points) -> Nearest:
    """Return the nearest of the uint8 `training` images (m, channels, height, width) for each of the images (n, channels, height, width)."""
    points = describe(images)
    best = torch.full((len(points),), torch.inf, device=points.device)
    row = torch.zeros(len(points), dtype=torch.int64, device=points.device)
    for start in range(0, len(training), CHUNK):
        distance, place = torch.cdist(points, describe(training[start : start + CHUNK])).min(1)
        nearer = distance < best
        best, row = torch.where(nearer, distance, best), torch.where(nearer, place + start, row)
    return Nearest(distance=best, row=row)


def memorised_share(samples: Tensor, held_out: Tensor) -> Estimate:
    """Return the share of samples nearer to a training image than a share of 1 − `EXPECTED` of held-out images.

    Takes distances to the nearest training image, (n,) and (m,). The interval is Wilson's for n·m / (n + m) trials, because the
    limit of the held-out images varies as well.
    """
    limit = held_out.double().quantile(EXPECTED)
    share = float((samples.double() <= limit).double().mean())
    trials = max(1, round(len(samples) * len(held_out) / (len(samples) + len(held_out))))
    low, high = binomial_interval(round(share * trials), trials)
    return Estimate(value=share, interval=(min(share, low), max(share, high)))
