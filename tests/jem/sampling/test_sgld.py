"""SGLD against its theory, and its lack of side effects."""

from __future__ import annotations

import pytest
import torch

from jem_tui.config.sampler_settings import SgldConfig
from jem_tui.jem.model.networks import energy, toy
from jem_tui.jem.sampling.sgld import NetworkEnergy, sgld_step, steps_in_epoch


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize(("step_size", "noise_scale", "variance"), [(0.1, 0.3, 1.0), (0.5, 0.2, 2.0)])
def test_on_a_gaussian_energy_mean_and_variance_are_those_of_the_autoregression(step_size, noise_scale, variance):
    """E(x) = (x − μ)² / 2v makes a chain x' = x − (α/v)(x − μ) + σε: an AR(1) with a known stationary law."""
    mean = 0.7
    config = SgldConfig(step_size=step_size, noise_scale=noise_scale, grad_clamp=0, clip=False)
    noise = generator()
    x = torch.zeros(20_000, 1, 1, 1)
    for _ in range(150):
        x = sgld_step(lambda x: ((x - mean) ** 2 / (2 * variance)).flatten(1).sum(1), x, config, noise)
    expected = noise_scale**2 / (1 - (1 - step_size / variance) ** 2)
    assert float(x.mean()) == pytest.approx(mean, abs=0.02)
    assert float(x.var()) == pytest.approx(expected, rel=0.04)


def test_samples_move_down_the_energy():
    torch.manual_seed(0)
    energy_of = NetworkEnergy(toy((1, 6, 6), 3))
    x = torch.rand(32, 1, 6, 6, generator=generator()) * 2 - 1
    before = energy_of(x)
    config = SgldConfig(step_size=0.1, noise_scale=0, grad_clamp=0, clip=False)
    after = energy_of(sgld_step(energy_of, x, config, generator()))
    assert (after < before).all()


def test_each_chain_moves_as_if_it_were_alone():
    torch.manual_seed(0)
    energy_of = NetworkEnergy(toy((1, 6, 6), 3))
    x = torch.rand(5, 1, 6, 6, generator=generator())
    config = SgldConfig(step_size=1.0, noise_scale=0, grad_clamp=0, clip=False)
    together = sgld_step(energy_of, x, config, generator())
    alone = torch.cat([sgld_step(energy_of, row[None], config, generator()) for row in x])
    torch.testing.assert_close(together, alone)


@pytest.mark.parametrize("training", [True, False])
def test_the_network_is_left_as_found(training):
    network = toy((1, 6, 6), 3).train(training)
    parameters = list(network.parameters())
    parameters[0].requires_grad_(False)
    parameters[1].grad = torch.ones_like(parameters[1])
    x = torch.rand(4, 1, 6, 6)
    with torch.no_grad():
        moved = sgld_step(NetworkEnergy(network), x, SgldConfig(), generator())
        assert not torch.is_grad_enabled()
    assert not moved.requires_grad
    assert not x.requires_grad
    assert all(module.training is training for module in network.modules())
    assert [p.requires_grad for p in parameters] == [False] + [True] * (len(parameters) - 1)
    assert torch.equal(parameters[1].grad, torch.ones_like(parameters[1]))
    assert all(p.grad is None for p in parameters[2:])


def test_clamp_bounds_the_step_and_clip_bounds_the_sample():
    steep = lambda x: 100 * x.flatten(1).sum(1)  # noqa: E731
    x = torch.full((2, 1, 2, 2), -0.5)
    clamped = sgld_step(steep, x, SgldConfig(step_size=0.1, noise_scale=0, grad_clamp=1.0, clip=False), generator())
    torch.testing.assert_close(clamped, x - 0.1)
    clipped = sgld_step(steep, x, SgldConfig(step_size=1.0, noise_scale=0, grad_clamp=0, clip=True), generator())
    torch.testing.assert_close(clipped, torch.full_like(x, -1.0))


def test_an_observer_receives_the_gradient_before_the_clamp():
    steep, seen = lambda x: 100 * x.flatten(1).sum(1), []
    sgld_step(steep, torch.zeros(2, 1, 2, 2), SgldConfig(grad_clamp=1.0), generator(), seen.append)
    assert torch.equal(torch.stack(seen), torch.full((1, 2, 1, 2, 2), 100.0))


def test_steps_grow_with_the_epochs_up_to_their_maximum():
    config = SgldConfig(steps=5, steps_growth=1.5, max_steps=9)
    assert [steps_in_epoch(config, epoch) for epoch in range(5)] == [5, 6, 8, 9, 9]
    assert steps_in_epoch(SgldConfig(steps=50, max_steps=10), 3) == 50


def test_energy_is_minus_log_sum_exp():
    logits = torch.tensor([[0.0, 0.0], [1.0, 3.0]])
    expected = -torch.log(torch.exp(logits).sum(1))
    torch.testing.assert_close(energy(logits), expected)
