"""Precision, recall, density and coverage against their definitions, and what they detect."""

from __future__ import annotations

import pytest
import torch

from jem_tui.jem.evaluation.precision_recall import NEIGHBOURS, overlap
from tests.jem.evaluation.features import gaussian_features


def test_the_figures_are_those_of_their_definitions():
    # half a second that only this test needs
    from sklearn.metrics import pairwise_distances

    real, samples = gaussian_features(60, 5, 0), gaussian_features(45, 5, 1) + 0.8
    between = pairwise_distances(real, samples)
    real_radii = [sorted(row)[NEIGHBOURS] for row in pairwise_distances(real)]
    sample_radii = [sorted(row)[NEIGHBOURS] for row in pairwise_distances(samples)]
    inside = [[between[i][j] < real_radii[i] for j in range(45)] for i in range(60)]
    found = overlap(real, samples)
    assert found.precision.value == pytest.approx(sum(any(row[j] for row in inside) for j in range(45)) / 45)
    assert found.recall.value == pytest.approx(
        sum(any(between[i][j] < sample_radii[j] for j in range(45)) for i in range(60)) / 60
    )
    assert found.density.value == pytest.approx(sum(map(sum, inside)) / 45 / NEIGHBOURS)
    assert found.coverage.value == pytest.approx(sum(map(any, inside)) / 60)


def test_equal_distributions_overlap():
    found = overlap(gaussian_features(400, 8, 0), gaussian_features(400, 8, 1))
    assert min(found.precision.value, found.recall.value, found.coverage.value) > 0.85
    assert found.density.interval[0] < 1 < found.density.interval[1]


def test_missing_modes_lower_recall_and_coverage_and_bad_samples_lower_precision_and_density():
    centres = torch.tensor([[0.0, 0.0], [50.0, 0.0]])
    real = torch.cat([gaussian_features(200, 2, 0) + centres[0], gaussian_features(200, 2, 1) + centres[1]])
    real = real[torch.randperm(400, generator=torch.Generator().manual_seed(0))]
    one_mode = overlap(real, gaussian_features(400, 2, 3))
    assert one_mode.precision.value > 0.9
    assert max(one_mode.recall.value, one_mode.coverage.value) < 0.55
    half_bad = gaussian_features(400, 2, 4)
    half_bad[::2] += 500
    bad = overlap(real, half_bad)
    assert bad.precision.value == pytest.approx(0.5, abs=0.03)
    assert bad.density.value < 0.7


def test_intervals_cover_the_mean_of_repeated_draws():
    draws = [
        overlap(gaussian_features(150, 4, seed), gaussian_features(150, 4, 700 + seed) + 0.7) for seed in range(25)
    ]
    for name in ("precision", "recall", "density", "coverage"):
        found = [getattr(draw, name) for draw in draws]
        mean = sum(one.value for one in found) / len(found)
        assert sum(one.interval[0] <= mean <= one.interval[1] for one in found) >= 22, name


def test_too_few_images_have_no_overlap():
    assert overlap(gaussian_features(6, 3, 0), gaussian_features(400, 3, 1)) is None
    assert overlap(gaussian_features(7, 3, 0), gaussian_features(400, 3, 1)) is not None
