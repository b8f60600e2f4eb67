"""Real images that samples are compared with, and their features."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from jem_tui.jem.data.image_set import to_tensors
from jem_tui.jem.saved_run.load_run import OpenedRun


@dataclass(frozen=True, kw_only=True)
class ComparisonImages:
    """Uint8 images (n, channels, height, width) on the device of a run, each set in random order."""

    held_out: Tensor
    """Images that the run was not trained on."""
    labels: Tensor
    """Classes of the held-out images, shape (n,)."""
    training: Tensor
    """Some training images of the data, for the biased distance."""
    trained_on: Tensor
    """All images that the run was trained on, without those it held out."""


def comparison_images(run: OpenedRun, held_out: Tensor, labels: Tensor, count: int, seed: int) -> ComparisonImages:
    """Return the images of a run with `held_out` (n, channels, height, width) of classes `labels` (n,), and `count` training images drawn by seed."""
    kept, _ = run.data.split(run.config.data.validation, run.config.train.seed)
    trained_on, _ = to_tensors(kept, run.device)
    return ComparisonImages(
        held_out=held_out, labels=labels, training=training_images(run, count, seed), trained_on=trained_on
    )


def training_images(run: OpenedRun, count: int, seed: int) -> Tensor:
    """Return at most `count` training images of the data as uint8 pixels, in random order."""
    return shuffled_rows(*to_tensors(run.data.train, run.device), count, seed)[0]


def shuffled_rows(pixels: Tensor, labels: Tensor, count: int, seed: int) -> tuple[Tensor, Tensor]:
    """Return at most `count` images and labels in an order drawn by seed, because folders are sorted by class and MNIST's test set by difficulty."""
    order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(seed))[:count]
    rows = order.to(labels.device)
    return pixels[rows], labels[rows]
