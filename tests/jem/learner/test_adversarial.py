"""Adversarial images: within their radius, and harder to classify than random changes."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from jem_tui.jem.learner.adversarial import adversarial
from jem_tui.jem.model.networks import toy


def test_images_stay_within_their_radius_and_range_and_raise_the_cross_entropy():
    torch.manual_seed(0)
    network, noise = toy((1, 4, 4), 3), torch.Generator().manual_seed(1)
    x = torch.rand(200, 1, 4, 4, generator=noise) * 2 - 1
    labels = torch.randint(3, (200,), generator=noise)
    harder = adversarial(network, x, labels, 0.1, noise)
    assert float((harder - x).abs().max()) <= 0.2 + 1e-6
    assert float(harder.abs().max()) <= 1
    random = (x + 0.2 * (2 * torch.rand(x.shape, generator=noise) - 1)).clamp(-1, 1)
    at = [F.cross_entropy(network(images), labels).item() for images in (x, random, harder)]
    assert at[2] > max(at[0], at[1]) + 0.01
    assert all(p.grad is None for p in network.parameters())


def test_for_a_linear_network_the_step_is_along_the_sign_of_the_weights():
    weight = torch.tensor([[1.0, -2.0], [-1.0, 2.0]])
    x, labels = torch.zeros(50, 2), torch.zeros(50, dtype=torch.int64)
    shaped = adversarial(lambda z: z.flatten(1) @ weight.T, x.view(50, 2, 1, 1), labels, 0.1, torch.Generator())
    moved = shaped.view(50, 2)
    at_the_edge = moved.abs().amax(1)
    assert (moved[:, 0] <= 0).all() and (moved[:, 1] >= 0).all()  # away from class 0
    assert float(at_the_edge.max()) <= 0.2


def test_nothing_changes_at_radius_zero():
    x = torch.rand(3, 1, 4, 4, generator=torch.Generator().manual_seed(0))
    assert torch.equal(adversarial(toy((1, 4, 4), 2), x, torch.zeros(3, dtype=torch.int64), 0.0, torch.Generator()), x)


@pytest.mark.parametrize("value", [torch.nan, torch.inf])
def test_a_gradient_that_is_not_finite_reaches_the_images(value):
    def network(x: Tensor) -> Tensor:
        logits = x.flatten(1)
        logits.register_hook(lambda gradient: gradient * torch.tensor([value, 1.0]))
        return logits

    x = torch.zeros(5, 2, 1, 1)
    harder = adversarial(network, x, torch.zeros(5, dtype=torch.int64), 0.1, torch.Generator()).view(5, 2)
    assert harder[:, 1].isfinite().all()
    assert not harder[:, 0].isfinite().any()
