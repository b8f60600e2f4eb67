"""Initial distributions of chains: uniform noise (arXiv 1912.03263), or a Gaussian fitted to each class (JEM++, arXiv 2109.09032)."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from jem_tui.config.schema import BufferConfig
from jem_tui.jem.data.image_set import as_input
from jem_tui.jem.sampling.own_initial_distribution import OwnInitialDistribution

RIDGE = 1e-3
"""Variance added to every pixel, so that constant pixels vary a little, too."""


MOST = 1000
"""Largest number of images of a class that a Gaussian is fitted to."""
LARGEST = 2**30
"""Largest size of all Gaussians in bytes with covariances in full: 1,000 images of each of 10 classes at 94×94 in colour."""
REDUCED = 2**29
"""Size of all Gaussians in bytes when their covariances are reduced to a low rank."""
FITTED = 2**28
"""Size in bytes of the images that one Gaussian of low rank is fitted to."""
MIN_RANK = 8


def rank_of(counts: Sequence[int], pixels: int, most: int = MOST) -> int:
    """Return the rank that covariances of images of `pixels` numbers are reduced to; 0 to keep covariances in full."""
    if 4 * pixels * sum(min(most, count) for count in counts) <= LARGEST:
        return 0
    return max(MIN_RANK, REDUCED // (4 * pixels * len(counts)))


def gaussian_bytes(counts: Sequence[int], pixels: int) -> int:
    """Return the bytes of the Gaussians of classes with `counts` images each."""
    rank = rank_of(counts, pixels)
    return 4 * pixels * sum(min(rank or MOST, count) for count in counts)


class ClassGaussians:
    """A Gaussian for each class with the mean and covariance of the class, plus a small ridge.

    The matrix of the centred images is a square root of the covariance, so no matrix is factored: a draw is the mean plus a
    random combination of centred images. At most `most` images of a class are kept. If they take more than `LARGEST` bytes,
    the root is reduced to the directions of largest variance.
    """

    def __init__(self, pixels: Tensor, labels: Tensor, classes: int, most: int = MOST) -> None:
        self._shape = pixels.shape[1:]
        self._classes = classes
        size = self._shape.numel()
        rank = rank_of(torch.bincount(labels, minlength=classes).tolist(), size, most)
        most = min(most, max(rank, FITTED // (4 * size))) if rank else most
        self._present: list[int] = []
        self._means: list[Tensor] = []
        self._roots: list[Tensor] = []
        for label in range(classes):
            x = as_input(pixels[labels == label][:most]).flatten(1)
            if len(x):
                self._present.append(label)
                self._means.append(x.mean(0))
                root = (x - x.mean(0)) / max(1, len(x) - 1) ** 0.5
                self._roots.append(reduced(root, rank) if rank else root)

    def draw(self, count: int, generator: torch.Generator) -> Tensor:
        """Draw images (count, channels, height, width) in [−1, 1] of uniformly drawn classes."""
        device = self._means[0].device
        drawn = torch.randint(len(self._means), (count,), generator=generator, device=device)
        return self.draw_of(torch.tensor(self._present, device=device)[drawn], generator)

    def draw_of(self, classes: Tensor, generator: torch.Generator) -> Tensor:
        """Draw an image for each entry of `classes` (count,); a class without images gives gray with a little noise."""
        noise = torch.randn(len(classes), self._means[0].numel(), generator=generator, device=classes.device)
        x = noise.mul_(RIDGE**0.5)
        for label, mean, root in zip(self._present, self._means, self._roots, strict=True):
            rows = (classes == label).nonzero().squeeze(1)
            weights = torch.randn(len(rows), len(root), generator=generator, device=classes.device)
            x[rows] += mean + weights @ root
        return x.clamp_(-1, 1).view(len(classes), *self._shape)

    def draw_fixed(self, classes: Tensor | None, count: int, generator: torch.Generator) -> Tensor:
        """Draw like `draw_of` for `classes` (count,), or like `draw` for None, by one product with the roots of all classes.

        For ten classes that takes ten times the arithmetic, but no shape depends on chance.
        """
        stacked = self._stacked
        device = stacked.means.device
        if classes is None:
            drawn = torch.randint(len(stacked.present), (count,), generator=generator, device=device)
            classes = stacked.present[drawn]
        weights = torch.randn(count, stacked.most, generator=generator, device=device)
        own = classes[:, None] == stacked.owner
        noise = torch.randn(count, stacked.means.shape[1], generator=generator, device=device)
        x = noise.mul_(RIDGE**0.5).add_(stacked.means[classes]).add_((weights[:, stacked.number] * own) @ stacked.roots)
        return x.clamp_(-1, 1).view(count, *self._shape)

    @cached_property
    def _stacked(self) -> StackedGaussians:
        """The Gaussians of all classes as stacked tensors; afterwards `_roots` holds views of the stacked roots."""
        counts, device = [len(root) for root in self._roots], self._means[0].device
        present = torch.tensor(self._present, device=device)
        means = torch.zeros(self._classes, self._means[0].numel(), device=device)
        means[present] = torch.stack(self._means)
        roots = torch.cat(self._roots)
        self._roots = list(torch.split(roots, counts))
        return StackedGaussians(
            means=means,
            roots=roots,
            owner=present.repeat_interleave(torch.tensor(counts, device=device)),
            number=torch.cat([torch.arange(count, device=device) for count in counts]),
            most=max(counts),
            present=present,
        )


@dataclass(frozen=True, kw_only=True)
class StackedGaussians:
    """The Gaussians of all classes as stacked tensors, with a varying number of rows for each class."""

    means: Tensor
    """Means, shape (classes, d), zero for a class without images."""
    roots: Tensor
    """Roots of the covariances of all classes, shape (rows, d)."""
    owner: Tensor
    """The class of each row of `roots`, shape (rows,)."""
    number: Tensor
    """The index of each row within its class, shape (rows,)."""
    most: int
    """Largest number of rows of a class."""
    present: Tensor
    """Classes with images, shape (present,)."""


def reduced(root: Tensor, rank: int) -> Tensor:
    """Return the rows (rank, d) whose products sum up to the covariance of that rank nearest to the covariance of `root` (n, d)."""
    if len(root) <= rank:
        return root
    _, directions = torch.linalg.eigh((root @ root.T).double())
    largest: Tensor = directions[:, -rank:].T.to(root.dtype)
    return largest @ root


class InitialDistribution:
    """The distribution from which chains start, as configured."""

    def __init__(
        self,
        config: BufferConfig,
        gaussians: ClassGaussians,
        shape: tuple[int, ...],
        device: torch.device,
        labels: int = 0,
        own: OwnInitialDistribution | None = None,
    ) -> None:
        """Take the number of classes as `labels` if each chain follows a class, else 0; `own` is a distribution of the user."""
        shares = {"uniform": 1.0, "informative": 0.0, "mixture": config.uniform_share}
        self._own = own
        self._uniform_share = 0.0 if own else shares[config.init]
        self._gaussians = gaussians
        self._shape = shape
        self._device = device
        self._labels = labels

    def noise_only(self) -> InitialDistribution:
        """Return this distribution without informative starts."""
        other = copy.copy(self)
        other._uniform_share, other._own = 1.0, None
        return other

    def uniform(self, count: int, generator: torch.Generator) -> Tensor:
        """Draw noise, uniform on [−1, 1], of shape (count, channels, height, width)."""
        return torch.rand(count, *self._shape, generator=generator, device=self._device).mul_(2).sub_(1)

    def informative(self, count: int, generator: torch.Generator) -> Tensor:
        """Draw from the class Gaussians."""
        return self._gaussians.draw(count, generator)

    def informative_of(self, classes: Tensor, generator: torch.Generator) -> Tensor:
        """Draw from the Gaussian of each entry of `classes` (count,)."""
        return self._gaussians.draw_of(classes, generator)

    def draw(self, count: int, generator: torch.Generator) -> Tensor:
        """Draw from the configured distribution; in a mixture each chain is uniform with probability `uniform_share`."""
        if self._own is not None:
            return self._own.draw(count, None, generator)
        if self._uniform_share == 1:
            return self.uniform(count, generator)
        return self._with_noise(self.informative(count, generator), generator)

    def draw_of(self, classes: Tensor, generator: torch.Generator) -> Tensor:
        """Draw like `draw`, with informative starts from the Gaussian of each entry of `classes` (count,)."""
        if self._own is not None:
            return self._own.draw(len(classes), classes, generator)
        if self._uniform_share == 1:
            return self.uniform(len(classes), generator)
        return self._with_noise(self.informative_of(classes, generator), generator)

    def draw_labelled(self, count: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Draw like `draw`, and return the class (count,) of each chain, which is 0 for chains without a class."""
        if not self._labels:
            return self.draw(count, generator), torch.zeros(count, dtype=torch.int64, device=self._device)
        labels = torch.randint(self._labels, (count,), generator=generator, device=self._device)
        return self.draw_of(labels, generator), labels

    def informative_labelled(self, count: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Draw like `informative`, and return the class (count,) of each chain."""
        if not self._labels:
            return self.informative(count, generator), torch.zeros(count, dtype=torch.int64, device=self._device)
        labels = torch.randint(self._labels, (count,), generator=generator, device=self._device)
        return self.informative_of(labels, generator), labels

    def draw_fixed(self, count: int, informative: Tensor | None, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Draw like `draw_labelled` in fixed shapes for the device; where `informative` (count,), chains always start near the data."""
        label = torch.zeros(count, dtype=torch.int64, device=self._device)
        if self._labels:
            label = torch.randint(self._labels, (count,), generator=generator, device=self._device)
        if self._uniform_share == 1 and informative is None:
            return self.uniform(count, generator), label
        x = self._gaussians.draw_fixed(label if self._labels else None, count, generator)
        if self._uniform_share == 0:
            return x, label
        noisy = torch.rand(count, generator=generator, device=self._device) < self._uniform_share
        noisy = noisy if informative is None else noisy & ~informative
        return torch.where(noisy.view(-1, 1, 1, 1), self.uniform(count, generator), x), label

    def _with_noise(self, x: Tensor, generator: torch.Generator) -> Tensor:
        """Replace a share of the rows of `x` by uniform noise."""
        if self._uniform_share:
            chance = torch.rand(len(x), generator=generator, device=self._device)
            rows = (chance < self._uniform_share).nonzero().squeeze(1)
            x[rows] = self.uniform(len(rows), generator)
        return x
