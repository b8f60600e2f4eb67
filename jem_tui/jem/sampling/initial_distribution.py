"""Initial distributions of chains: uniform noise (arXiv 1912.03263), or a Gaussian fitted to each class (JEM++, arXiv 2109.09032)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from jem_tui.config.schema import BufferConfig
from jem_tui.jem.data.image_set import as_input
from jem_tui.jem.sampling.chains import Rows, replaced
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


def rank_of(counts: Sequence[int], pixels: int) -> int:
    """Return the rank that covariances of images of `pixels` numbers are reduced to; 0 to keep covariances in full."""
    if 4 * pixels * sum(min(MOST, count) for count in counts) <= LARGEST:
        return 0
    return max(MIN_RANK, REDUCED // (4 * pixels * len(counts)))


def gaussian_bytes(counts: Sequence[int], pixels: int) -> int:
    """Return the bytes of the Gaussians of classes with `counts` images each."""
    rank = rank_of(counts, pixels)
    return 4 * pixels * sum(min(rank or MOST, count) for count in counts)


class ClassGaussians:
    """A Gaussian for each class with the mean and covariance of the class, plus a small ridge.

    The matrix of the centred images is a square root of the covariance, so no matrix is factored: a draw is the mean plus a
    random combination of centred images. At most `MOST` images of a class are kept. If they take more than `LARGEST` bytes,
    the root is reduced to the directions of largest variance.
    """

    def __init__(self, pixels: Tensor, labels: Tensor, classes: int) -> None:
        self._shape = pixels.shape[1:]
        self._classes = classes
        size = self._shape.numel()
        rank = rank_of(torch.bincount(labels, minlength=classes).tolist(), size)
        most = min(MOST, max(rank, FITTED // (4 * size))) if rank else MOST
        present: list[int] = []
        self._means: list[Tensor] = []
        self._roots: list[Tensor] = []
        for label in range(classes):
            x = as_input(pixels[labels == label][:most]).flatten(1)
            if len(x):
                present.append(label)
                self._means.append(x.mean(0))
                root = (x - x.mean(0)) / max(1, len(x) - 1) ** 0.5
                self._roots.append(reduced(root, rank) if rank else root)
        self._present = torch.tensor(present, device=pixels.device)

    def draw(
        self, count: int, generator: torch.Generator, classes: Tensor | None = None, fixed: bool = False
    ) -> Tensor:
        """Draw images (count, channels, height, width) in [−1, 1] of `classes` (count,), or of uniformly drawn classes.

        A class without images gives gray with a little noise. With `fixed`, one product with the roots of all classes gives all images:
        ten classes take ten times the arithmetic, but no shape depends on values.
        """
        device = self._means[0].device
        if classes is None:
            classes = torch.randint(len(self._means), (count,), generator=generator, device=device)
            classes = classes if len(self._means) == self._classes else self._present[classes]
        noise = torch.randn(count, self._shape.numel(), generator=generator, device=device)
        x = self._at_once(noise, classes, generator) if fixed else self._by_class(noise, classes, generator)
        return x.clamp_(-1, 1).view(count, *self._shape)

    def _by_class(self, noise: Tensor, classes: Tensor, generator: torch.Generator) -> Tensor:
        """Return draws (n, d) of `classes` (n,) class by class, with `noise` (n, d), which is overwritten."""
        x = noise.mul_(RIDGE**0.5)
        for label, mean, root in zip(self._present.tolist(), self._means, self._roots, strict=True):
            rows = (classes == label).nonzero().squeeze(1)
            if len(rows):
                weights = torch.randn(len(rows), len(root), generator=generator, device=x.device)
                x[rows] += mean + weights @ root
        return x

    def _at_once(self, noise: Tensor, classes: Tensor, generator: torch.Generator) -> Tensor:
        """Return draws (n, d) of `classes` (n,) by one product, with `noise` (n, d)."""
        stacked = self._stacked
        weights = torch.randn(len(noise), stacked.most + 1, generator=generator, device=noise.device)
        weights[:, stacked.most] = 1
        own = classes[:, None] == stacked.owner
        return torch.addmm(noise, weights[:, stacked.number] * own, stacked.rows, beta=RIDGE**0.5)

    @cached_property
    def _stacked(self) -> StackedGaussians:
        """The Gaussians of all classes as stacked tensors; afterwards `_means` and `_roots` are views of the stacked rows."""
        counts, device = [len(root) for root in self._roots], self._means[0].device
        most, present = max(counts), len(counts)
        rows = torch.cat([*self._roots, torch.stack(self._means)])
        *self._roots, means = torch.split(rows, [*counts, present])
        self._means = list(means)
        numbers = [torch.arange(count, device=device) for count in counts]
        return StackedGaussians(
            rows=rows,
            owner=torch.cat([self._present.repeat_interleave(torch.tensor(counts, device=device)), self._present]),
            number=torch.cat([*numbers, torch.full((present,), most, device=device)]),
            most=most,
        )


@dataclass(frozen=True, kw_only=True)
class StackedGaussians:
    """The Gaussians of all classes as stacked tensors, with a varying number of rows for each class."""

    rows: Tensor
    """Roots of the covariances of all classes, then their means, shape (rows, d)."""
    owner: Tensor
    """The class of each row, shape (rows,)."""
    number: Tensor
    """The index of each row of a root within its class, and `most` for a mean, shape (rows,)."""
    most: int
    """Largest number of rows of the root of a class."""


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
        self.shape = shape
        self.device = device
        self.uniform_share = 0.0 if own else shares[config.init]
        """Probability that a chain of the replay buffer starts from uniform noise."""
        self.fixed = device.type != "cpu" and own is None
        """True if starts of a training step are drawn for whole batches, without waiting for the device."""
        self._own = own
        self._only_noise = self.uniform_share == 1 and not config.noise_visits
        self._gaussians = gaussians
        self._classes = labels

    def labels(self, count: int, generator: torch.Generator) -> Tensor | None:
        """Draw classes (count,) for chains; None where chains follow no class."""
        if not self._classes:
            return None
        return torch.randint(self._classes, (count,), generator=generator, device=self.device)

    def uniform(self, count: int, generator: torch.Generator) -> Tensor:
        """Draw noise, uniform on [−1, 1], of shape (count, channels, height, width)."""
        return torch.empty(count, *self.shape, device=self.device).uniform_(-1, 1, generator=generator)

    def informative(self, count: int, generator: torch.Generator, classes: Tensor | None = None) -> Tensor:
        """Draw from the class Gaussians, of `classes` (count,) if they are given."""
        return self._gaussians.draw(count, generator, classes)

    def draw(self, count: int, generator: torch.Generator, classes: Tensor | None = None) -> Tensor:
        """Draw from the configured distribution, informative starts of `classes` (count,) if they are given.

        In a mixture each chain is uniform with probability `uniform_share`.
        """
        if self._own is not None:
            return self._own.draw(count, classes, generator)
        if self.uniform_share == 1:
            return self.uniform(count, generator)
        x = self.informative(count, generator, classes)
        if not self.uniform_share:
            return x
        chance = torch.rand(count, generator=generator, device=self.device)
        noisy = chance < self.uniform_share
        return replaced(x, noisy, lambda rows: self.uniform(len(noisy[rows]), generator), fixed=False)

    def starts(
        self, noisy: Tensor, fresh: Tensor, classes: Tensor | None, generator: torch.Generator, fixed: bool
    ) -> Tensor:
        """Draw starts (n, channels, height, width): uniform noise where `noisy` (n,), else from a class Gaussian.

        A distribution of the user takes the place of the Gaussians where `fresh` (n,) is true; others restart near the data after
        too many visits beyond the hinge. With `fixed`, no shape depends on values.
        """

        def of(rows: Rows) -> Tensor | None:
            return None if classes is None else classes[rows]

        def informative(rows: Rows) -> Tensor:
            return self._gaussians.draw(len(noisy[rows]), generator, of(rows), fixed)

        def uniform(rows: Rows) -> Tensor:
            return self.uniform(len(noisy[rows]), generator)

        own = self._own
        if own is None:
            x = uniform(slice(None))
            return x if self._only_noise else replaced(x, ~noisy, informative, fixed)
        x = torch.empty(len(noisy), *self.shape, device=self.device)
        x = replaced(x, fresh & ~noisy, lambda rows: own.draw(len(noisy[rows]), of(rows), generator), fixed)
        x = replaced(x, noisy, uniform, fixed)
        return replaced(x, ~(fresh | noisy), informative, fixed)
