from __future__ import annotations

import numpy as np
import pytest
import torch

from jem_tui.jem.evaluation.intervals import binomial_interval, bootstrap_interval


@pytest.mark.parametrize(("hits", "n"), [(0, 10), (10, 10), (3, 10), (981, 1000), (9810, 10_000), (1, 1)])
def test_the_binomial_interval_agrees_with_scipy(hits: int, n: int):
    from scipy.stats import binomtest

    expected = binomtest(hits, n).proportion_ci(method="wilson")
    low, high = binomial_interval(hits, n)
    assert (low, high) == pytest.approx((expected.low, expected.high), abs=1e-7)
    assert 0 <= low <= hits / n <= high <= 1


def test_the_binomial_interval_covers_the_true_share_in_most_repetitions():
    hits = np.random.default_rng(0).binomial(200, 0.95, 2000)
    intervals = [binomial_interval(int(h), 200) for h in hits]
    assert 0.93 < np.mean([low <= 0.95 <= high for low, high in intervals]) < 0.98


def test_a_share_without_trials_can_be_anything():
    assert binomial_interval(0, 0) == (0, 1)


def test_the_bootstrap_interval_of_a_mean_has_the_length_of_the_formula():
    values = torch.randn(2000, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    low, high = bootstrap_interval(lambda rows: float(values[rows].mean()), len(values), seed=0, draws=500)
    assert low < float(values.mean()) < high
    assert high - low == pytest.approx(2 * 1.96 * float(values.std()) / 2000**0.5, rel=0.15)


def test_the_bootstrap_interval_depends_on_its_seed_alone():
    values = torch.arange(50.0)
    torch.manual_seed(0)
    found = [bootstrap_interval(lambda rows: float(values[rows].median()), 50, seed) for seed in (1, 1, 2)]
    assert found[0] == found[1] != found[2]
    assert torch.equal(torch.rand(1), torch.rand(1, generator=torch.Generator().manual_seed(0)))


def test_the_bootstrap_interval_of_a_constant_has_no_length():
    assert bootstrap_interval(lambda rows: 3.0, 10, seed=0) == (3.0, 3.0)
