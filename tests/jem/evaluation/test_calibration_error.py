from __future__ import annotations

import numpy as np
import pytest
import torch

from jem_tui.jem.evaluation.calibration import classification
from jem_tui.jem.evaluation.calibration_error import BINS, calibration_error, equal_mass, equal_width


def predictions(n: int, excess: float, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return confidences, and correctness of a classifier that is right `excess` less often than its confidence says."""
    generator = torch.Generator().manual_seed(seed)
    confidence = 0.5 + 0.5 * torch.rand(n, generator=generator, dtype=torch.float64)
    return confidence, torch.rand(n, generator=generator) < confidence - excess


def test_a_calibrated_classifier_has_the_error_of_the_floor():
    found = [calibration_error(*predictions(1000, 0.0, seed)) for seed in range(24)]
    assert np.mean([f.ece for f in found]) == pytest.approx(np.mean([f.ece_floor for f in found]), rel=0.15)
    inside = [f.ece_floor_interval[0] <= f.ece <= f.ece_floor_interval[1] for f in found]
    assert np.mean(inside) > 0.8


def test_an_overconfident_classifier_has_an_error_above_the_floor_that_its_interval_covers():
    found = [calibration_error(*predictions(1000, 0.1, seed)) for seed in range(24)]
    assert all(f.ece > f.ece_floor_interval[1] for f in found)
    assert np.mean([f.ece_interval[0] < 0.1 < f.ece_interval[1] for f in found]) > 0.8


def test_intervals_contain_their_figure():
    for n in (1, 2, 30, 5000):
        found = calibration_error(*predictions(n, 0.02, seed=n))
        assert 0 <= found.ece_interval[0] <= found.ece <= found.ece_interval[1]


def test_bins_of_equal_mass_hold_equal_numbers_of_images_in_order():
    confidence, _ = predictions(1007, 0.0, 0)
    counts = torch.bincount(equal_mass(confidence), minlength=BINS)
    assert len(counts) == BINS
    assert counts.max() - counts.min() <= 1
    assert (equal_mass(confidence)[confidence.argsort()].diff() >= 0).all()
    assert equal_mass(torch.ones(30)).unique().tolist() == list(range(BINS))


def test_bins_of_equal_width_hold_what_lies_between_their_edges():
    index = equal_width(torch.tensor([0.0, 1 / 15 - 1e-9, 1 / 15, 0.5, 1 - 1e-9, 1.0], dtype=torch.float64))
    assert index.tolist() == [0, 0, 1, 7, 14, 15]


def test_the_temperature_changes_calibration_and_neither_accuracy_nor_the_order_of_classes():
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(4000, 10, generator=generator)
    labels = torch.distributions.Categorical(logits=logits).sample()
    sharp = 3 * logits
    found = classification(sharp[:2000], labels[:2000], (sharp[2000:], labels[2000:]))
    assert found.scaled is not None
    assert found.scaled.temperature == pytest.approx(3, rel=0.15)
    assert found.scaled.xe < found.xe
    assert found.scaled.ece < found.ece_floor_interval[1] + 0.02 < found.ece
    assert torch.equal(sharp.argsort(1), (sharp / found.scaled.temperature).argsort(1))
    assert found.accuracy == classification(sharp[:2000] / found.scaled.temperature, labels[:2000]).accuracy
