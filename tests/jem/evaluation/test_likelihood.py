"""Annealed importance sampling on energies whose partition function is known."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from jem_tui.jem.evaluation.likelihood import bits_per_dimension, dequantised, log_partition, settled

STIFFNESS, SHAPE = 16.0, (1, 1, 4)
GRID = torch.linspace(-1, 1, 20_001, dtype=torch.float64)
DENSITY = (-STIFFNESS * (GRID - 0.5).square() / 2).exp()
LOG_Z = SHAPE[-1] * math.log(float(torch.trapezoid(DENSITY, GRID)))


def bowl(x: Tensor) -> Tensor:
    """Return the energy of independent normal pixels around 1/2, cut to the box."""
    return STIFFNESS * (x - 0.5).square().flatten(1).sum(1) / 2


def exact(count: int) -> Tensor:
    """Return independent draws from the density, by its cumulative sum."""
    cumulative = DENSITY.cumsum(0) / DENSITY.sum()
    uniform = torch.rand(count, *SHAPE, generator=torch.Generator().manual_seed(5), dtype=torch.float64)
    return GRID[torch.searchsorted(cumulative, uniform).clamp(max=20_000)].float()


def test_both_bounds_are_near_the_known_partition_function():
    generator = torch.Generator().manual_seed(0)
    found = log_partition(bowl, exact(1000), 1000, 40, 0.02, generator)
    assert found.lower == pytest.approx(LOG_Z, abs=0.1)
    assert found.upper == pytest.approx(LOG_Z, abs=0.1)
    assert 0.5 < found.acceptance < 1


def test_bounds_enclose_the_partition_function_in_the_mean_over_single_chains():
    generator = torch.Generator().manual_seed(0)
    pairs = [log_partition(bowl, start[None], 1, 3, 0.02, generator) for start in exact(80)]
    lower, upper = (sum(values) / len(pairs) for values in zip(*((p.lower, p.upper) for p in pairs), strict=True))
    assert lower + 0.2 < LOG_Z < upper - 0.2


def test_settled_chains_follow_the_density_with_a_step_that_is_accepted():
    chains, step_size = settled(bowl, torch.full((1000, *SHAPE), -1.0), 150, torch.Generator().manual_seed(0))
    mean = float((GRID * DENSITY).sum() / DENSITY.sum())
    assert float(chains.mean()) == pytest.approx(mean, abs=0.02)
    assert 1e-3 < step_size <= 0.1


def test_a_uniform_density_has_eight_bits_in_each_dimension():
    bits, (low, high) = bits_per_dimension(torch.zeros(50), 6 * math.log(2), 6, 0)
    assert (bits, low, high) == pytest.approx((8, 8, 8))
    # One nat less energy in each of six dimensions.
    assert bits_per_dimension(torch.full((50,), -6.0), 6 * math.log(2), 6, 0)[0] == pytest.approx(8 - 1 / math.log(2))


def test_dequantised_pixels_fill_the_box():
    pixels = torch.arange(256, dtype=torch.uint8).repeat(40).view(-1, 1, 1, 1)
    x = dequantised(pixels, torch.Generator().manual_seed(0))
    assert -1 <= x.min() < -0.99 and 0.99 < x.max() < 1
    assert torch.equal(((x + 1) * 128).floor(), pixels.float())
