"""KID: agreement with torchmetrics, no bias, and an interval that covers."""

from __future__ import annotations

from statistics import fmean

import pytest
import torch

from jem_tui.jem.evaluation import kernel_distance as module
from jem_tui.jem.evaluation.jackknife import Estimate
from jem_tui.jem.evaluation.kernel_distance import kernel_distance, kernel_sums
from tests.jem.evaluation.features import gaussian_features


def distance(real: torch.Tensor, other: torch.Tensor) -> Estimate:
    return kernel_distance(kernel_sums(real), kernel_sums(other))


def test_the_distance_agrees_with_torchmetrics(monkeypatch: pytest.MonkeyPatch):
    from torchmetrics.image.kid import KernelInceptionDistance

    monkeypatch.setattr(module, "CHUNK", 37)
    real, other = gaussian_features(120, 16, 0), gaussian_features(120, 16, 1) * 1.2 + 0.3
    metric = KernelInceptionDistance(feature=torch.nn.Identity(), subsets=1, subset_size=120)
    metric.real_features, metric.fake_features = [real], [other]
    assert distance(real, other).value == pytest.approx(float(metric.compute()[0]), rel=1e-4)


def test_equal_distributions_have_distance_zero_in_the_mean_and_negative_ones_among_them():
    found = [distance(gaussian_features(50, 8, seed), gaussian_features(80, 8, 500 + seed)) for seed in range(100)]
    assert any(one.value < 0 for one in found)
    typical = fmean(abs(one.value) for one in found)
    assert abs(fmean(one.value for one in found)) < 0.4 * typical
    assert sum(one.interval[0] <= 0 <= one.interval[1] for one in found) >= 90


def test_the_interval_covers_the_distance_of_large_sets():
    shift = torch.full((8,), 0.4)
    truth = distance(gaussian_features(3000, 8, 1), gaussian_features(3000, 8, 2) + shift).value
    hits = 0
    for seed in range(100):
        low, high = distance(gaussian_features(150, 8, seed + 9), gaussian_features(90, 8, seed + 999) + shift).interval
        hits += low <= truth <= high
    assert hits >= 88


def test_the_interval_is_that_of_leaving_out_each_row():
    real, other = gaussian_features(12, 4, 0), gaussian_features(9, 4, 1) + 1
    without_real = [distance(torch.cat([real[:i], real[i + 1 :]]), other).value for i in range(12)]
    without_other = [distance(real, torch.cat([other[:i], other[i + 1 :]])).value for i in range(9)]
    variance = sum((len(x) - 1) / len(x) * sum((v - fmean(x)) ** 2 for v in x) for x in (without_real, without_other))
    found = distance(real, other)
    assert found.interval[1] - found.value == pytest.approx(1.959964 * variance**0.5, rel=1e-4)
