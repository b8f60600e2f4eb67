"""Other data sets as out-of-distribution images, converted to the size and channels of the data."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from jem_tui.config.data_sets import NAMES, OUTSIDE
from jem_tui.config.schema import DataConfig
from jem_tui.events.run import ReportProgress
from jem_tui.jem.data.datasets import downloads as download_folder
from jem_tui.jem.data.datasets import load_data, present_test_images
from jem_tui.jem.data.image_set import ImageSet, to_tensors
from jem_tui.jem.evaluation.ood_sets import COUNT
from jem_tui.user_folders import expanded

LUMA = (0.299, 0.587, 0.114)
"""The weights of red, green and blue in gray (ITU-R BT.601)."""


def load_outside(
    name: str, downloads: str, shape: tuple[int, int, int], seed: int, report: ReportProgress, count: int = COUNT
) -> Tensor:
    """Load at most `count` test images of a data set or a folder of class folders, drawn by seed, as uint8 (n, *shape) on the CPU.

    `shape` is (channels, height, width), to which images are resized and converted; `downloads` is the folder of torchvision's
    data sets. Raises InputError if there is no such data.
    """
    test = test_images(name, downloads, max(shape[1:]), seed, report)
    return fitted(random_images(test, seed, count), shape)


def random_images(images: ImageSet, seed: int, count: int) -> Tensor:
    """Return at most `count` images in random order, uint8 (n, channels, height, width) on the CPU."""
    rows = np.random.default_rng(seed).permutation(len(images))[:count]
    return to_tensors(images.take(rows), torch.device("cpu"))[0]


def test_images(name: str, downloads: str, side: int, seed: int, report: ReportProgress) -> ImageSet:
    """Return the test images of a data set, or of a folder, whose images are resized to squares of `side` pixels."""
    folder = name not in (*NAMES, *OUTSIDE) and expanded(name).is_dir()
    config = DataConfig(name=name, dir=downloads, size=side if folder else 0)
    if name in OUTSIDE:
        report(f"importing torchvision for {name}", None)
        return present_test_images(name, download_folder(config))
    return load_data(config, seed, report).test


def fitted(pixels: Tensor, shape: tuple[int, int, int]) -> Tensor:
    """Convert uint8 images (n, 1 or 3, height, width) to the channels and size of `shape`."""
    x = pixels.float()
    if x.shape[1] > shape[0]:
        x = (x * torch.tensor(LUMA).view(1, 3, 1, 1)).sum(1, keepdim=True)
    x = x.expand(-1, shape[0], -1, -1)
    if x.shape[2:] != shape[1:]:
        x = F.interpolate(x, shape[1:], mode="bilinear", antialias=True)
    return x.round().clamp(0, 255).to(torch.uint8)
