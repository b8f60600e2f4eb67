"""McNemar's test of two classifiers on the same images (Psychometrika 12, 1947), in its exact form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from jem_tui.jem.evaluation.evaluate_run import Evaluation


@dataclass(frozen=True, kw_only=True)
class McNemar:
    """The images that exactly one of two classifiers gets right, and the probability of so uneven a split by chance."""

    images: int
    only_first: int
    """Images that the first classifier alone classifies correctly."""
    only_second: int
    """Images that the second classifier alone classifies correctly."""
    p: float
    """Two-sided p-value of equal accuracy."""


def mcnemar_of(runs: Sequence[Evaluation]) -> McNemar | None:
    """Compare the accuracy of two runs on the same images; None for one run, other images, or where accuracy was not requested."""
    correct = [run.correct for run in runs]
    if len(correct) != 2 or correct[0] is None or correct[1] is None or on_other_images(runs):
        return None
    return mcnemar(correct[0], correct[1])


def on_other_images(runs: Sequence[Evaluation]) -> bool:
    """Return whether the runs were measured on different images, such as validation images that they drew with other seeds."""
    return len({run.measured for run in runs}) > 1


def mcnemar(correct_a: Sequence[bool] | NDArray[np.bool_], correct_b: Sequence[bool] | NDArray[np.bool_]) -> McNemar:
    """Compare two classifiers by the images (n,) that each classifies correctly, in one order.

    If both are equally accurate, each discordant image favours either classifier with probability ½, so that the p-value is
    that of a binomial test. Raises ValueError if the numbers of images differ.
    """
    # scipy.stats takes a second to import.
    from scipy.stats import binomtest

    first, second = np.asarray(correct_a, bool), np.asarray(correct_b, bool)
    if first.shape != second.shape:
        raise ValueError(f"McNemar's test needs the same images, but there are {len(first):,} and {len(second):,}")
    only_first, only_second = int((first & ~second).sum()), int((~first & second).sum())
    discordant = only_first + only_second
    p = float(binomtest(only_first, discordant).pvalue) if discordant else 1.0
    return McNemar(images=len(first), only_first=only_first, only_second=only_second, p=p)
