from __future__ import annotations

import math

import pytest
import torch

from jem_tui.jem.evaluation.calibration import BINS, classification, cross_scaled, reliability
from jem_tui.jem.evaluation.temperature import fit_temperature


def test_a_network_that_is_right_as_often_as_it_says_is_calibrated():
    logits = torch.tensor([[0.75, 0.25]]).log().expand(400, 2)
    labels = torch.cat([torch.zeros(300), torch.ones(100)]).long()
    found = classification(logits, labels)
    assert found.accuracy == 0.75
    assert found.ece == pytest.approx(0, abs=1e-6)
    assert found.xe == pytest.approx(-0.75 * math.log(0.75) - 0.25 * math.log(0.25))


def test_the_error_is_the_gap_weighted_by_how_many_fall_into_it():
    sure = torch.tensor([[0.9, 0.1]]).log().expand(100, 2)
    unsure = torch.tensor([[0.6, 0.4]]).log().expand(300, 2)
    labels = torch.zeros(400, dtype=torch.int64)
    labels[:50] = 1
    found = classification(torch.cat([sure, unsure]), labels)
    assert found.ece == pytest.approx(0.25 * (0.9 - 0.5) + 0.75 * (1.0 - 0.6), abs=1e-6)
    filled = [b for b in found.reliability if b.share]
    assert [(round(b.confidence, 6), b.accuracy, b.share) for b in filled] == [(0.6, 1.0, 0.75), (0.9, 0.5, 0.25)]
    assert all(b.low <= b.confidence < b.high for b in filled)


@pytest.mark.slow
def test_the_calibration_error_agrees_with_torchmetrics():
    # an import of two seconds, which every worker would need to collect the tests
    from torchmetrics.functional.classification import multiclass_calibration_error

    generator = torch.Generator().manual_seed(0)
    logits = 3 * torch.randn(5000, 10, generator=generator)
    logits[0, 0] = 1000  # a confidence that rounds to 1
    labels = torch.randint(10, (5000,), generator=generator)
    found = classification(logits, labels)
    expected = multiclass_calibration_error(logits.softmax(1), labels, num_classes=10, n_bins=BINS, norm="l1")
    assert found.ece > 0.3
    assert found.ece == pytest.approx(float(expected), abs=1e-6)
    assert sum(b.share for b in reliability(logits.softmax(1), labels)) == pytest.approx(1)


def drawn(n: int, scale: float) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(n)
    logits = 2 * torch.randn(n, 5, generator=generator)
    labels = torch.multinomial(logits.softmax(1), 1, generator=generator)[:, 0]
    return scale * logits, labels


def test_no_image_is_measured_with_a_temperature_that_was_fitted_to_it():
    (first, labels), (second, others) = drawn(1000, 2.0), drawn(1001, 0.5)
    found = cross_scaled(torch.cat([first, second]), torch.cat([labels, others]), 0)
    hot, cold = fit_temperature(first, labels), fit_temperature(second, others)
    logits = torch.cat([first.double() / cold, second.double() / hot])
    assert found.xe == pytest.approx(classification(logits, torch.cat([labels, others])).xe)
    assert (found.temperature, found.images) == (pytest.approx(math.sqrt(hot * cold)), 1000)


def test_halves_of_one_distribution_share_their_temperature():
    logits, labels = drawn(4000, 3.0)
    found = cross_scaled(logits, labels, 0)
    assert found.temperature == pytest.approx(3, rel=0.06)
    assert found.xe < classification(logits, labels).xe
