"""The Fréchet distance extrapolated in 1/N: no bias, at every number of images, and an interval that covers the true distance."""

from __future__ import annotations

from statistics import fmean

import pytest
import torch

from jem_tui.jem.evaluation.frechet import frechet_distance, unbiased_frechet_distance
from tests.jem.evaluation.features import gaussian_features

FEATURES = 16


@pytest.mark.parametrize("count", [250, 500, 1000, 2000, 4000])
def test_the_distance_of_equal_distributions_is_zero_at_every_number_of_images(count: int):
    pairs = [
        (gaussian_features(2 * count, FEATURES, seed), gaussian_features(count, FEATURES, 99 + seed))
        for seed in range(6)
    ]
    found = [unbiased_frechet_distance(*pair, seed=0) for pair in pairs]
    biased = fmean(frechet_distance(*pair) for pair in pairs)
    assert abs(fmean(one.value for one in found)) < 0.15 * biased
    assert all(one.interval[0] < one.value < one.interval[1] for one in found)


@pytest.mark.parametrize("count", [250, 1000, 4000])
def test_the_distance_of_shifted_gaussians_is_the_closed_form_at_every_number_of_images(count: int):
    shift = torch.zeros(FEATURES)
    shift[0] = 1
    found = [
        unbiased_frechet_distance(
            gaussian_features(count, FEATURES, seed), gaussian_features(count, FEATURES, 50 + seed) + shift, seed=0
        )
        for seed in range(6)
    ]
    assert fmean(one.value for one in found) == pytest.approx(1, abs=4 / count**0.5)


def test_the_interval_covers_the_true_distance():
    shift = torch.full((8,), 0.3)
    hits = 0
    for seed in range(40):
        real, other = gaussian_features(600, 8, seed), gaussian_features(300, 8, 1000 + seed) + shift
        low, high = unbiased_frechet_distance(real, other, seed).interval
        hits += low <= 8 * 0.3**2 <= high
    assert hits >= 35  # of 40; with a coverage of 95 %, fewer are found in 1 % of all cases


def test_too_few_images_have_no_extrapolation():
    assert unbiased_frechet_distance(gaussian_features(63, 16, 0), gaussian_features(500, 16, 1), 0) is None
    assert unbiased_frechet_distance(gaussian_features(64, 16, 0), gaussian_features(500, 16, 1), 0) is not None


def test_the_same_seed_gives_the_same_figure():
    pair = gaussian_features(300, 16, 0), gaussian_features(500, 16, 1)
    assert unbiased_frechet_distance(*pair, 4) == unbiased_frechet_distance(*pair, 4)
