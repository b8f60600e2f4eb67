"""The training images that a chain resembles: the nearest one, and the mean of a class."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from jem_tui.jem.data.image_set import as_input, as_pixels
from jem_tui.jem.evaluation.energy_survey import spread
from jem_tui.jem.evaluation.memorisation import as_points, nearest_points, pixel_points

MOST_PIXELS = 100_000_000
"""Pixels of the training images that are compared with a chain, about 0.1 s on a CPU; of more images, a part is compared."""
MOST_OF_CLASS = 1_000
"""Images whose mean stands for a class."""


class TrainingImages:
    """Training images with their classes, which chains are compared with."""

    def __init__(self, pixels: Tensor, labels: Tensor) -> None:
        """Compare with images, uint8 (n, channels, height, width), of the classes `labels` (n,)."""
        self._pixels = pixels
        self._labels = labels
        self._means: dict[int, NDArray[np.uint8]] = {}

    def nearest(self, x: Tensor) -> tuple[int, float]:
        """Return the row of the image nearest to `x` (1, channels, height, width) in [−1, 1], and its Euclidean distance."""
        most = max(1, MOST_PIXELS // x.numel())
        rows = spread(torch.arange(len(self._labels), device=x.device), most)
        compared = self._pixels if len(rows) == len(self._labels) else self._pixels[rows]
        found = nearest_points(as_points(x), pixel_points(compared))
        return int(rows[found.row[0]]), float(found.distance[0])

    def image(self, row: int) -> NDArray[np.uint8]:
        """Return an image, shape (height, width, channels)."""
        return as_image(self._pixels[row])

    def label(self, row: int) -> int:
        """Return the class of an image."""
        return int(self._labels[row])

    def mean_of(self, label: int) -> NDArray[np.uint8]:
        """Return the mean of the images of a class, computed once; gray without such images."""
        if label not in self._means:
            rows = spread((self._labels == label).nonzero().squeeze(1), MOST_OF_CLASS)
            images = as_input(self._pixels[rows])
            mean = images.mean(0) if len(rows) else torch.zeros(self._pixels.shape[1:], device=rows.device)
            self._means[label] = as_image(as_pixels(mean))
        return self._means[label]


def as_image(pixels: Tensor) -> NDArray[np.uint8]:
    """Return uint8 pixels (channels, height, width) as an image (height, width, channels) on the CPU."""
    image: NDArray[np.uint8] = pixels.permute(1, 2, 0).cpu().numpy().copy()
    return image
