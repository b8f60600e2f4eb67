from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor, nn

from jem_tui.jem.evaluation.frechet import frechet_distance
from jem_tui.jem.model.inference import class_entropy


class Features(nn.Module):
    """Returns its input; torchmetrics expects a network that extracts features."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.num_features = count

    def forward(self, features: Tensor) -> Tensor:
        return features


def exactly(mean: torch.Tensor, covariance: torch.Tensor, count: int) -> torch.Tensor:
    """Return rows whose sample mean and sample covariance are exactly `mean` and `covariance`."""
    x = torch.randn(count, len(mean), generator=torch.Generator().manual_seed(count), dtype=torch.float64)
    x = x - x.mean(0)
    white = x @ torch.linalg.inv(torch.linalg.cholesky(x.T @ x / (count - 1))).T
    return white @ torch.linalg.cholesky(covariance).T + mean


def test_the_distance_of_two_gaussians_is_the_closed_form():
    a, b = torch.tensor([4.0, 9.0, 1.0]).double(), torch.tensor([1.0, 25.0, 4.0]).double()
    shift = torch.tensor([1.0, 0.0, -2.0]).double()
    real = exactly(torch.zeros(3).double(), a.diag(), 500)
    other = exactly(shift, b.diag(), 700)
    expected = 5 + float((a.sqrt() - b.sqrt()).square().sum())
    assert frechet_distance(real, other) == pytest.approx(expected, abs=1e-6)


def test_covariances_that_do_not_commute():
    a = torch.tensor([[2.0, 0.5], [0.5, 1.0]]).double()
    b = torch.tensor([[1.0, -0.7], [-0.7, 3.0]]).double()
    zero = torch.zeros(2).double()
    trace_of_root = math.sqrt(float((a @ b).trace()) + 2 * math.sqrt(float(torch.det(a @ b))))  # of 2×2: √(tr + 2√det)
    expected = float((a + b).trace()) - 2 * trace_of_root
    assert frechet_distance(exactly(zero, a, 300), exactly(zero, b, 200)) == pytest.approx(expected, abs=1e-6)


def test_the_distance_of_a_set_to_itself_is_zero_and_one_row_is_refused():
    features = torch.randn(100, 64, generator=torch.Generator().manual_seed(0))
    assert frechet_distance(features, features) == pytest.approx(0, abs=1e-3)
    with pytest.raises(ValueError, match="fewer than two"):
        frechet_distance(features, features[:1])


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_distance_agrees_with_torchmetrics(dtype: torch.dtype):
    from torchmetrics.image.fid import FrechetInceptionDistance

    generator = torch.Generator().manual_seed(3)
    real = torch.rand(400, 64, generator=generator).to(dtype)
    other = (0.5 + torch.rand(90, 64, generator=generator) ** 2).to(dtype)
    metric = FrechetInceptionDistance(feature=Features(64))
    metric.update(real, real=True)
    metric.update(other, real=False)
    assert frechet_distance(real, other) == pytest.approx(float(metric.compute()), rel=1e-6)


def test_class_entropy_is_one_for_even_classes_and_zero_for_one():
    assert class_entropy(torch.arange(10).repeat(3), 10) == pytest.approx(1)
    assert class_entropy(torch.zeros(30, dtype=torch.int64), 10) == 0
    half = torch.tensor([0, 1])
    assert class_entropy(half, 4) == pytest.approx(0.5)
