"""The energy term of the loss: what its gradient must not depend on."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from jem_tui.config.objective import ObjectiveConfig
from jem_tui.jem.learner.energy_loss import BatchEnergies, energy_loss
from jem_tui.jem.learner.objective import BatchSizes, jem_loss
from jem_tui.jem.ranks.ranks import ALONE, Ranks
from tests.ranks.on_ranks import on_ranks

PLAIN = ObjectiveConfig(energy_loss="difference", energy_l2=0, hinge=0)
HINGE = ObjectiveConfig(energy_loss="difference", energy_l2=0, hinge=10)
LOGISTIC = ObjectiveConfig(energy_loss="logistic", energy_scale=1, energy_l2=0, hinge=0)
NEAR, FAR = 1.0, 50.0

energies = st.lists(st.floats(-100, 100), min_size=1, max_size=12)


def shift_gradient(data: Tensor, chains: Tensor, config: ObjectiveConfig, ranks: Ranks = ALONE) -> float:
    """Return the derivative of the energy loss with respect to a constant added to all energies."""
    shift = torch.zeros((), dtype=data.dtype, requires_grad=True)
    data, chains = data + shift, chains + shift
    loss = energy_loss(data, data.mean(), chains, BatchEnergies.of(data.mean(), chains, config, ranks), config)
    (gradient,) = torch.autograd.grad(loss, shift)
    return float(gradient)


@given(energies, energies, st.sampled_from([0.0, 0.01, 1.0, 10.0, 150.0]))
def test_a_shift_of_all_energies_has_no_gradient(data, chains, hinge):
    config = replace(PLAIN, hinge=hinge)
    values = (torch.tensor(values, dtype=torch.float64) for values in (data, chains))
    assert shift_gradient(*values, config) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("far", range(9))
def test_any_number_of_explorers_beyond_the_hinge_leaves_a_shift_without_gradient(far):
    logits = torch.zeros(16, 3, dtype=torch.float64)
    logits[16 - far :] = -FAR
    shift = torch.zeros((), dtype=torch.float64, requires_grad=True)
    sizes = BatchSizes(samples=8 - min(far, 8), explorers=far)
    loss = jem_loss(logits + shift, torch.zeros(8, dtype=torch.int64), HINGE, sizes).loss
    (gradient,) = torch.autograd.grad(loss, shift)
    assert float(gradient) == pytest.approx(0, abs=1e-7)


def test_near_chains_share_the_weight_of_those_beyond_the_hinge():
    data, chains = torch.zeros(4, requires_grad=True), torch.tensor([NEAR, FAR, NEAR, FAR], requires_grad=True)
    whole = BatchEnergies.of(data.mean(), chains, HINGE)
    loss = energy_loss(data, data.mean(), chains, whole, HINGE)
    loss.backward()
    assert loss.item() == -NEAR
    assert chains.grad is not None and data.grad is not None
    assert chains.grad.tolist() == [-0.5, 0, -0.5, 0]
    assert data.grad.tolist() == [0.25] * 4


def test_without_a_near_chain_nothing_is_pushed():
    data, chains = torch.ones(4, requires_grad=True), torch.full((3,), FAR, requires_grad=True)
    loss = energy_loss(data, data.mean(), chains, BatchEnergies.of(data.mean(), chains, HINGE), HINGE)
    loss.backward()
    assert chains.grad is not None and data.grad is not None
    assert not chains.grad.any() and not data.grad.any()


def test_an_energy_that_is_not_a_number_stays_in_the_loss():
    data, chains = torch.zeros(4), torch.tensor([NEAR, torch.nan])
    loss = energy_loss(data, data.mean(), chains, BatchEnergies.of(data.mean(), chains, HINGE), HINGE)
    assert loss.isnan()


def gradients_of(data: Tensor, chains: Tensor, config: ObjectiveConfig) -> tuple[Tensor, Tensor]:
    """Return the gradients of the energy loss with respect to the energies of images and of chains."""
    data, chains = data.clone().requires_grad_(True), chains.clone().requires_grad_(True)
    loss = energy_loss(data, data.mean(), chains, BatchEnergies.of(data.mean(), chains, config), config)
    return torch.autograd.grad(loss, (data, chains))


@given(energies, energies, st.sampled_from([0.5, 1.0, 4.0]))
def test_logistic_weights_are_those_of_a_classifier_of_images_against_chains(data, chains, scale):
    config = replace(LOGISTIC, energy_scale=scale)
    x, x_hat = torch.tensor(data, dtype=torch.float64), torch.tensor(chains, dtype=torch.float64)
    of_images, of_chains = gradients_of(x, x_hat, config)
    torch.testing.assert_close(of_images, (x / scale).sigmoid() / len(x))
    torch.testing.assert_close(of_chains, -(-x_hat / scale).sigmoid() / len(x_hat))


def test_a_large_scale_makes_the_logistic_gradient_half_of_the_difference():
    config = replace(LOGISTIC, energy_scale=1e4)
    x, x_hat = torch.tensor([-3.0, 2.0]), torch.tensor([1.0, 5.0])
    halves = [gradient / 2 for gradient in gradients_of(x, x_hat, PLAIN)]
    for found, half in zip(gradients_of(x, x_hat, config), halves, strict=True):
        torch.testing.assert_close(found, half, rtol=1e-3, atol=0)


def test_logistic_energies_that_are_far_apart_move_no_further():
    config = LOGISTIC
    of_images, of_chains = gradients_of(torch.full((3,), -FAR), torch.full((3,), FAR), config)
    assert of_images.abs().max() < 1e-9 and of_chains.abs().max() < 1e-9
    of_images, of_chains = gradients_of(torch.full((3,), -FAR), torch.full((3,), FAR), PLAIN)
    assert of_images.tolist() == pytest.approx([1 / 3] * 3)
    assert of_chains.tolist() == pytest.approx([-1 / 3] * 3)


def test_logistic_chains_beyond_the_hinge_do_not_count():
    config = replace(LOGISTIC, hinge=10)
    _, of_chains = gradients_of(torch.zeros(2), torch.tensor([0.0, FAR]), config)
    assert of_chains.tolist() == [-0.5, 0]


def unequal_parts(ranks: Ranks) -> tuple[float, float, list[float]]:
    """Return on each rank the loss, the gradient of a shift, and the gradients of chains of which 0, 1 or 3 are near."""
    near = (0, 1, 3)[ranks.rank]
    data = torch.arange(4.0) + ranks.rank
    chains = torch.tensor([NEAR + k if k < near else FAR for k in range(4)], requires_grad=True)
    loss = energy_loss(data, data.mean(), chains, BatchEnergies.of(data.mean(), chains, HINGE, ranks), HINGE)
    (gradient,) = torch.autograd.grad(loss, chains)
    return float(loss), shift_gradient(data, chains.detach(), HINGE, ranks), gradient.tolist()


@pytest.mark.slow
def test_ranks_average_over_the_near_chains_of_the_whole_batch():
    losses, shifts, gradients = zip(*on_ranks(unequal_parts, size=3), strict=True)
    assert sum(shifts) == pytest.approx(0, abs=1e-6)
    data = torch.cat([torch.arange(4.0) + rank for rank in range(3)])
    chains = torch.tensor([FAR] * 4 + [NEAR] + [FAR] * 3 + [NEAR, NEAR + 1, NEAR + 2, FAR], requires_grad=True)
    whole = energy_loss(data, data.mean(), chains, BatchEnergies.of(data.mean(), chains, HINGE), HINGE)
    (gradient,) = torch.autograd.grad(whole, chains)
    assert sum(losses) / 3 == pytest.approx(whole.item(), rel=1e-6)
    assert [each / 3 for rows in gradients for each in rows] == pytest.approx(gradient.tolist(), rel=1e-6)
