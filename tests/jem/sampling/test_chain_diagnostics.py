"""Diagnostics of chains, compared with arviz-stats and with processes whose autocorrelation time is known."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from jem_tui.jem.sampling.chain_diagnostics import ess_bulk, rhat


def autoregressive(kept: float, chains: int = 4, draws: int = 2000, spread: float = 0.0) -> Tensor:
    """Return chains of x ← kept · x + noise, whose means lie `spread` apart."""
    noise = torch.randn(chains, draws, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    x, states = noise[:, 0], []
    for step in noise.unbind(1):
        x = kept * x + math.sqrt(1 - kept**2) * step
        states.append(x)
    return torch.stack(states, 1) + spread * torch.arange(chains)[:, None]


@pytest.mark.parametrize(
    "values",
    [
        autoregressive(0.0),
        autoregressive(0.9),
        autoregressive(0.5, spread=0.5),
        autoregressive(0.3).round(),
        autoregressive(0.7, 3, 501).exp(),
        autoregressive(-0.4),
        *(autoregressive(kept, 5, draws) for kept in (0.0, 0.9) for draws in (8, 11, 16, 17)),
    ],
    ids=["independent", "slow", "apart", "ties", "skewed", "antithetic", *(f"short {n}" for n in range(8))],
)
def test_values_are_those_of_arviz(values):
    stats = pytest.importorskip("arviz_stats.base").array_stats
    assert rhat(values) == pytest.approx(float(stats.rhat(values.numpy(), 0, 1)), rel=1e-6)
    assert ess_bulk(values) == pytest.approx(float(stats.ess(values.numpy(), 0, 1, method="bulk")), rel=1e-6)


def test_the_effective_sample_size_follows_the_autocorrelation_time():
    # The time of an autoregressive process is (1 + kept) / (1 − kept).
    for kept, wanted in ((0.0, 1), (0.5, 3), (0.9, 19)):
        assert 8000 / ess_bulk(autoregressive(kept)) == pytest.approx(wanted, rel=0.2)


def test_chains_at_different_places_or_of_different_widths_have_a_large_rhat():
    assert rhat(autoregressive(0.5)) < 1.01
    assert rhat(autoregressive(0.5, spread=2)) > 1.5
    assert rhat(autoregressive(0.5) * torch.tensor([[1.0], [1.0], [1.0], [5.0]])) > 1.1


def test_constant_values_have_no_effective_sample_size():
    assert math.isnan(ess_bulk(torch.ones(4, 100)))


@pytest.mark.parametrize("broken", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("draws", [6, 16])
@pytest.mark.parametrize("rows", [slice(0, 1), slice(0, None)])
def test_values_that_are_not_finite_have_no_diagnostics(broken, draws, rows):
    values = autoregressive(0.5, 4, draws)
    values[rows, 0] = broken
    assert math.isnan(rhat(values)) and math.isnan(ess_bulk(values))
    values[:] = broken
    assert math.isnan(rhat(values)) and math.isnan(ess_bulk(values))
    assert math.isnan(ess_bulk(torch.ones(4, draws)))
