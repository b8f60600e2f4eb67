"""All sets of images that a run is compared with: built-in, held-out classes, and sets that the user names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from jem_tui.config.data_sets import NAMES, OUTSIDE
from jem_tui.events.run import ReportProgress
from jem_tui.jem.evaluation.custom_ood import load_outside, random_images
from jem_tui.jem.evaluation.digit_classes import digits_of
from jem_tui.jem.evaluation.letters import draw_letters
from jem_tui.jem.evaluation.ood_sets import BUILT_IN, make_ood_sets
from jem_tui.jem.evaluation.separation import Group
from jem_tui.jem.saved_run.load_run import OpenedRun

LETTERS = "letters"
FONT_DIGITS = "font digits"
NEAR_DIGITS = frozenset({LETTERS, "kmnist", "emnist-letters"})
"""Sets of characters other than digits."""
OTHER_DIGITS = frozenset({FONT_DIGITS, "mnist", "mnist-mini", "usps"})
"""Sets of digits from any source."""
NEAR_PAIRS = (frozenset({"cifar10", "cifar100"}),)
"""Pairs of data sets that were collected by one procedure and have different classes."""


@dataclass(frozen=True, kw_only=True)
class OutsideSet:
    """Images that are not the data, uint8 (n, channels, height, width)."""

    pixels: Tensor
    group: Group


def make_outside_sets(
    run: OpenedRun, pixels: Tensor, labels: Tensor, asked: Sequence[str], seed: int, count: int, report: ReportProgress
) -> dict[str, OutsideSet]:
    """Return at most `count` images of every set by name, first those that need no other data, then those that are `asked` for.

    `pixels` (n, channels, height, width) and `labels` (n,) are the test images that the built-in sets are made from.
    Raises InputError if a set that is asked for is missing.
    """
    sets = {
        name: OutsideSet(pixels=found, group=group) for name, found, group in own_sets(run, pixels, labels, seed, count)
    }
    _, channels, height, width = pixels.shape
    for name in asked:
        outside = load_outside(name, run.config.data.dir, (channels, height, width), seed, report, count)
        short = Path(name).name
        group = group_of(name, run) if name in (*NAMES, *OUTSIDE) else "other"
        sets[name if short in sets else short] = OutsideSet(pixels=outside.to(run.device), group=group)
    return sets


def own_sets(
    run: OpenedRun, pixels: Tensor, labels: Tensor, seed: int, count: int
) -> Iterator[tuple[str, Tensor, Group]]:
    """Yield name, images and group of each set that needs no other data: built-in sets, font digits, held-out classes."""
    for name, found in make_ood_sets(pixels, labels, seed, count).items():
        yield name, found, group_of(name, run)
    digits = digits_of(run.data)
    if digits:
        generator = torch.Generator().manual_seed(seed * 1000 + len(BUILT_IN))
        rows = torch.arange(count) % len(pixels)
        drawn = draw_letters(pixels.cpu()[rows], labels.cpu()[rows], generator, alphabet=digits)
        yield FONT_DIGITS, drawn.to(run.device), group_of(FONT_DIGITS, run)
    for name, images in run.data.outside.items():
        yield f"held-out {name}", random_images(images, seed, count).to(run.device), "near"


def group_of(name: str, run: OpenedRun) -> Group:
    """Return the group of a built-in set or a collection for the data of a run."""
    digits = digits_of(run.data)
    if name == run.data.name or (digits and name in OTHER_DIGITS):
        return "control"
    near = digits and name in NEAR_DIGITS
    return "near" if near or {name, run.data.name} in NEAR_PAIRS else "far"
