"""Examples of every class, which stand for the training images on the screen and in the log."""

from __future__ import annotations

import torch
from torch import Tensor

MOST_NUMBERS = 1 << 19
"""Maximum number of pixel values of all examples, 512 KiB before compression."""


def some_of_each_class(pixels: Tensor, labels: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """Return at most `count` images (m, height, width, channels) and their labels (m,), equally many of each class if it has enough.

    The images are the first of their class among uint8 `pixels` (n, channels, height, width) with `labels` (n,), in the order of classes.
    """
    count = max(1, min(count, MOST_NUMBERS // max(1, pixels[0].numel())))
    of_classes = [(labels == each).nonzero().squeeze(1)[:count] for each in range(int(labels.max()) + 1)]
    places = torch.cat([torch.arange(len(each), device=labels.device) for each in of_classes])
    # The first image of every class comes before the second of any.
    rows = torch.cat(of_classes)[places.argsort(stable=True)[:count]]
    rows = rows[labels[rows].argsort(stable=True)]
    return pixels[rows].permute(0, 2, 3, 1), labels[rows]
