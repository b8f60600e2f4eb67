"""Out-of-distribution sets made from test images or noise: reproducible by seed, without a download.

All are uint8 of the data's shape, so that scores can only depend on content.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from jem_tui.jem.evaluation.letters import draw_letters

Maker = Callable[[Tensor, Tensor, torch.Generator], Tensor]
"""Makes n images from test images (n, channels, height, width), labels (n,) and a generator on the CPU."""

COUNT = 2000


def make_ood_sets(pixels: Tensor, labels: Tensor, seed: int, count: int = COUNT) -> dict[str, Tensor]:
    """Make every built-in set with `count` images on the device of `pixels`, from test images drawn by seed.

    Where there are fewer than `count` test images, some are used more than once.
    """
    sets = {}
    for number, (name, make) in enumerate(BUILT_IN.items()):
        generator = torch.Generator().manual_seed(seed * 1000 + number)
        rows = torch.cat([torch.randperm(len(pixels), generator=generator) for _ in range(-(-count // len(pixels)))])[
            :count
        ]
        sets[name] = make(pixels.cpu()[rows], labels.cpu()[rows], generator).to(pixels.device)
    return sets


def uniform_noise(pixels: Tensor, labels: Tensor, generator: torch.Generator) -> Tensor:
    """Draw every value of every pixel uniformly from 0…255."""
    return torch.randint(0, 256, pixels.shape, generator=generator, dtype=torch.uint8)


def constant(pixels: Tensor, labels: Tensor, generator: torch.Generator) -> Tensor:
    """Fill each image with one random gray level or colour."""
    level = torch.randint(0, 256, (*pixels.shape[:2], 1, 1), generator=generator, dtype=torch.uint8)
    return level.expand_as(pixels).clone()


def inverted(pixels: Tensor, labels: Tensor, generator: torch.Generator) -> Tensor:
    """Return 255 − x."""
    return 255 - pixels


def shuffled(pixels: Tensor, labels: Tensor, generator: torch.Generator) -> Tensor:
    """Permute the 4×4 patches of each image at random: 7×7 pixels each for an image of 28×28."""
    n, channels, height, width = pixels.shape
    rows, columns = parts(height), parts(width)
    split = pixels.view(n, channels, rows, height // rows, columns, width // columns)
    patches = split.permute(0, 2, 4, 1, 3, 5).reshape(n, rows * columns, -1)
    order = torch.rand(n, rows * columns, generator=generator).argsort(1)
    moved = patches.gather(1, order[..., None].expand_as(patches))
    back = moved.view(n, rows, columns, channels, height // rows, width // columns)
    return back.permute(0, 3, 1, 4, 2, 5).reshape(pixels.shape)


def parts(length: int) -> int:
    """Return the number of equal pieces of a side: 4, else 3 or 2 if they leave no remainder, else single pixels."""
    return next((count for count in (4, 3, 2) if length % count == 0), length)


def averaged(pixels: Tensor, labels: Tensor, generator: torch.Generator) -> Tensor:
    """Average each image with an image of a different class, or of any class if there is only one."""
    others = torch.stack([_other(labels, int(label), generator) for label in labels])
    return ((pixels.short() + pixels[others].short() + 1) // 2).to(torch.uint8)


def _other(labels: Tensor, label: int, generator: torch.Generator) -> Tensor:
    candidates = (labels != label).nonzero().squeeze(1)
    if not len(candidates):
        candidates = torch.arange(len(labels))
    return candidates[torch.randint(len(candidates), (), generator=generator)]


BUILT_IN: Mapping[str, Maker] = {
    "uniform noise": uniform_noise,
    "constant": constant,
    "inverted": inverted,
    "shuffled 4×4": shuffled,
    "mean of two": averaged,
    "letters": draw_letters,
}
"""Each built-in set by the name under which it is reported."""
