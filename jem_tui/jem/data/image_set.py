"""Labelled images in memory: the split held out for validation, the order of batches, and augmentation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from jem_tui.errors import InputError
from jem_tui.jem.ranks.ranks import ALONE, Ranks


@dataclass(frozen=True, kw_only=True)
class ImageSet:
    """Images as they were read: uint8 of shape (n, height, width, channels), and a class index for each."""

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, rows: NDArray[np.int64]) -> ImageSet:
        """Return the images of some rows."""
        return ImageSet(images=self.images[rows], labels=self.labels[rows])


@dataclass(frozen=True, kw_only=True)
class Reading:
    """Warnings from reading the images of a data set."""

    skipped: Mapping[str, int] = field(default_factory=dict)
    """Number of files that were left out, by reason."""
    spans: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """The smallest and the largest value in the files, by kind, where they are not 8-bit and were scaled to 0…255."""
    warnings: tuple[str, ...] = ()
    """Warnings as sentences without capital letter and full stop."""


@dataclass(frozen=True, kw_only=True)
class DataSet:
    """A named collection with its official training and test images."""

    name: str
    class_names: tuple[str, ...]
    train: ImageSet
    test: ImageSet
    validation: ImageSet | None = None
    """Validation images of the collection; None for most, of whose training images a part is held out."""
    reading: Reading = Reading()
    outside: Mapping[str, ImageSet] = field(default_factory=dict)
    """Test images of the classes that were held out of training, by class name."""

    def split(self, fraction: float, seed: int) -> tuple[ImageSet, ImageSet]:
        """Return the images to train on and the images to validate on: `fraction` of the training images unless others are there."""
        if self.validation is not None:
            return self.train, self.validation
        return hold_out(self.train, fraction, seed)


def hold_out(images: ImageSet, fraction: float, seed: int) -> tuple[ImageSet, ImageSet]:
    """Split images at random into those that stay and those that are held out, at least one."""
    order = np.random.default_rng(seed).permutation(len(images))
    count = max(1, round(fraction * len(images)))
    return images.take(order[count:]), images.take(order[:count])


def as_input(images: Tensor) -> Tensor:
    """Convert uint8 pixels 0…255 to float32 in [−1, 1]."""
    return images.float().mul_(2 / 255).sub_(1)


def as_pixels(x: Tensor) -> Tensor:
    """Convert floats around [−1, 1] to uint8, clipped; the inverse of `as_input`."""
    return x.add(1).mul_(127.5).round_().clamp_(0, 255).to(torch.uint8)


def to_tensors(images: ImageSet, device: torch.device) -> tuple[Tensor, Tensor]:
    """Return uint8 images of shape (n, channels, height, width) and int64 labels on the device."""
    pixels = torch.from_numpy(np.ascontiguousarray(images.images.transpose(0, 3, 1, 2)))
    return pixels.to(device), torch.from_numpy(images.labels).to(device)


class Batches:
    """An endless sequence of training batches with a new order for each epoch; images that do not fill a batch are left out.

    Several ranks go through the same batches in the same order, and each takes its own rows of every batch.
    """

    def __init__(
        self,
        images: ImageSet,
        batch_size: int,
        device: torch.device,
        generator: torch.Generator,
        ranks: Ranks = ALONE,
    ) -> None:
        """Take the number of images in a batch of all ranks. Raise InputError if there are fewer images than one batch."""
        if len(images) < batch_size:
            raise InputError(
                f"There are only {len(images)} training images, fewer than one batch of {batch_size}.",
                "Try a smaller train.batch_size.",
            )
        self.pixels, self.labels = to_tensors(images, device)
        self.steps_per_epoch = len(images) // batch_size
        self._batch_size = batch_size
        self.share = ranks.share(batch_size)
        """Number of images that this rank takes of a batch."""
        self.first = ranks.rank * self.share
        """Position of this rank's first image in a batch."""
        self._generator = generator
        self._order = torch.empty(0, dtype=torch.int64)
        self._position = 0

    def images_at(self, order: Tensor, position: Tensor) -> tuple[Tensor, Tensor]:
        """Return this rank's images of the batch that begins at `position` (1,) in the `order` of an epoch (images,), without waiting for the device.

        They are inputs (share, channels, height, width) in [−1, 1] and labels (share,).
        """
        rows = order[position + self.first + torch.arange(self.share, device=order.device)]
        return as_input(self.pixels[rows]), self.labels[rows]

    def upcoming(self) -> tuple[Tensor, int, int]:
        """Return the order of the epoch's rows on the CPU, the position of the next batch, and the number of batches left."""
        self._begin_epoch_if_due()
        return self._order, self._position, (len(self._order) - self._position) // self._batch_size

    def skip(self, count: int) -> None:
        """Skip `count` upcoming batches, because steps take them."""
        self._position += count * self._batch_size

    def _begin_epoch_if_due(self) -> None:
        if self._position + self._batch_size > len(self._order):
            self._order = torch.randperm(len(self.labels), generator=self._generator)
            self._position = 0

    def state_dict(self) -> dict[str, Any]:
        """Return the order of the epoch and the position of the next batch."""
        return {"order": self._order.clone(), "position": self._position}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continue where `state_dict` was taken. Raises ValueError if that was on another number of images."""
        if len(state["order"]) not in (0, len(self.labels)):
            raise ValueError("the order is for another number of images")
        self._order, self._position = state["order"], state["position"]


def augment(
    x: Tensor, noise_scale: float, translate: int, generator: torch.Generator, *, flipped: bool = False, erased: int = 0
) -> Tensor:
    """Shift images at random by at most `translate` pixels each way (edges repeated), flip each with probability one half if `flipped`, and add noise.

    With `erased`, a gray square of that side covers a random part of half of the images.
    """
    if flipped:
        x = flip(x, generator)
    if translate:
        x = shift(x, translate, generator)
    if erased:
        x = erase(x, erased, generator)
    if noise_scale:
        x = x + noise_scale * torch.randn(x.shape, generator=generator, device=x.device)
    return x


def flip(x: Tensor, generator: torch.Generator) -> Tensor:
    """Mirror each image (n, channels, height, width) left to right with probability one half."""
    chance = torch.rand(len(x), 1, 1, 1, generator=generator, device=x.device)
    return torch.where(chance < 0.5, x.flip(3), x)


def shift(x: Tensor, most: int, generator: torch.Generator) -> Tensor:
    """Shift each image by its own integer offsets in −most…most along both axes; the shape is unchanged."""
    n, _, height, width = x.shape
    padded = F.pad(x, (most, most, most, most), mode="replicate")
    offsets = torch.randint(0, 2 * most + 1, (2, n, 1), generator=generator, device=x.device)
    rows = offsets[0] + torch.arange(height, device=x.device)
    columns = offsets[1] + torch.arange(width, device=x.device)
    image = torch.arange(n, device=x.device).view(n, 1, 1)
    return padded.permute(0, 2, 3, 1)[image, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)


def erase(x: Tensor, side: int, generator: torch.Generator) -> Tensor:
    """Cover a square of `side` pixels around a random pixel with 0, a medium gray, in each image (n, channels, height, width) with probability one half.

    The square can reach beyond the edges, so that some images keep more than others (cutout, arXiv 1708.04552). If no image were
    left whole, the classifier would be confident only where it sees a square.
    """
    n, _, height, width = x.shape
    rows, columns = (_near_centre(n, length, side, generator, x.device) for length in (height, width))
    chosen = torch.rand(n, 1, 1, 1, generator=generator, device=x.device) < 0.5
    return x.masked_fill(rows[:, None, :, None] & columns[:, None, None, :] & chosen, 0.0)


def _near_centre(n: int, length: int, side: int, generator: torch.Generator, device: torch.device) -> Tensor:
    """Return a mask, shape (n, length), of a span of `side` pixels around a random one of `length` pixels."""
    centre = torch.randint(0, length, (n, 1), generator=generator, device=device)
    distance = torch.arange(length, device=device) - centre + side // 2
    return (distance >= 0) & (distance < side)
