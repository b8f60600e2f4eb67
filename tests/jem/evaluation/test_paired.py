from __future__ import annotations

from itertools import product
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
import torch

from jem_tui.jem.evaluation.paired import mcnemar, mcnemar_of


def correctness(only_first: int, only_second: int, both: int) -> tuple[list[bool], list[bool]]:
    first = [True] * only_first + [False] * only_second + [True] * both
    second = [False] * only_first + [True] * only_second + [True] * both
    return first, second


def brute_force(only_first: int, only_second: int) -> float:
    """Return the share of all assignments of the discordant images that are split at least as unevenly."""
    n = only_first + only_second
    least = abs(only_first - only_second)
    return float(np.mean([abs(2 * sum(chosen) - n) >= least for chosen in product((0, 1), repeat=n)]))


@pytest.mark.parametrize(("only_first", "only_second"), [(0, 0), (1, 0), (5, 5), (2, 9), (0, 8), (7, 3)])
def test_the_p_value_is_the_share_of_splits_at_least_as_uneven(only_first: int, only_second: int):
    found = mcnemar(*correctness(only_first, only_second, both=20))
    assert found.p == pytest.approx(brute_force(only_first, only_second), abs=1e-12)
    assert (found.images, found.only_first, found.only_second) == (
        20 + only_first + only_second,
        only_first,
        only_second,
    )


def test_exchanging_the_classifiers_leaves_the_p_value():
    a, b = correctness(40, 61, both=9000)
    assert mcnemar(a, b).p == mcnemar(b, a).p
    assert 0.03 < mcnemar(a, b).p < 0.06


def test_arrays_and_tensors_are_accepted():
    a, b = correctness(1, 9, both=5)
    assert mcnemar(np.array(a), np.array(b)) == mcnemar(a, b) == mcnemar(torch.tensor(a).numpy(), b)


def test_other_numbers_of_images_are_refused():
    with pytest.raises(ValueError, match="3 and 2"):
        mcnemar([True] * 3, [True] * 2)


def test_runs_that_were_measured_on_other_images_are_not_paired():
    correct = np.array([True, False])
    runs = [cast("Any", SimpleNamespace(correct=correct, measured=measured)) for measured in ("a", "a", "b")]
    assert mcnemar_of(runs[:2]) == mcnemar(correct, correct)
    assert mcnemar_of(runs[1:]) is None


def test_equal_classifiers_are_seldom_called_different():
    generator = np.random.default_rng(0)
    found = [mcnemar(generator.random(300) < 0.9, generator.random(300) < 0.9).p for _ in range(300)]
    assert np.mean([p < 0.05 for p in found]) < 0.07
