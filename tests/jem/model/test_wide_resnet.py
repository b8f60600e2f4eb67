from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from jem_tui.config.schema import ActivationName, NetworkConfig
from jem_tui.errors import InputError
from jem_tui.jem.model.networks import Shape, count_parameters, energy, make_network
from jem_tui.jem.model.wide_resnet import WideBlock, WideResNet

PUBLISHED = {(40, 1): 0.6, (40, 2): 2.2, (40, 4): 8.9, (16, 8): 11.0, (22, 8): 17.2, (28, 10): 36.5}
"""Millions of parameters, arXiv 1605.07146, tables 4 and 5; counting batch normalisation, with a few thousand parameters."""


def seeded(depth: int, widen: int, activation: ActivationName = "silu", shape: Shape = (3, 32, 32)) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        config = NetworkConfig(name="wrn", depth=depth, widen=widen, activation=activation)
        return make_network(config, shape, 10)


@pytest.mark.parametrize(("size", "millions"), PUBLISHED.items())
def test_the_number_of_parameters_matches_the_paper(size, millions):
    with torch.device("meta"):
        network = WideResNet(3, 10, *size, "silu")
    assert round(count_parameters(network) / 1e6, 1) == millions


def test_the_weights_of_28_10_are_those_of_the_paper_without_the_normalisation():
    with torch.device("meta"):
        network = WideResNet(3, 10, 28, 10, "silu")
    weights = sum(p.numel() for name, p in network.named_parameters() if name.endswith("weight"))
    normalised = [m.first.in_channels + m.second.in_channels for m in network.modules() if isinstance(m, WideBlock)]
    with_normalisation = weights + 10 + 2 * (sum(normalised) + 640)
    assert with_normalisation == 36_479_194
    assert not [m for m in network.modules() if "Norm" in type(m).__name__]


@pytest.mark.parametrize("shape", [(3, 8, 8), (1, 28, 28), (3, 9, 13), (3, 64, 64)])
def test_any_size_from_8_pixels_gives_one_logit_a_class(shape):
    assert seeded(10, 1, shape=shape)(torch.zeros(2, *shape)).shape == (2, 10)


@pytest.mark.parametrize("activation", ["silu", "leaky-relu"])
@pytest.mark.parametrize("depth", [10, 40])
def test_fresh_weights_of_any_depth_have_small_logits_and_an_energy_near_that_of_none(depth, activation):
    x = torch.rand(16, 3, 16, 16, generator=torch.Generator().manual_seed(0)) * 2 - 1
    with torch.no_grad():
        logits = seeded(depth, 2, activation)(x)
    assert 0.01 < float(logits.std()) < 0.5
    assert float(energy(logits).mean()) == pytest.approx(-math.log(10), abs=0.3)
    assert 0 < float(energy(logits).std()) < 0.1


def test_every_block_starts_as_its_shortcut_and_can_leave_it():
    network = seeded(16, 1)
    x = torch.rand(8, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    F.cross_entropy(network(x), torch.arange(8)).backward()
    blocks = [m for m in network.modules() if isinstance(m, WideBlock)]
    assert len(blocks) == 6
    assert all(float(block.second.weight.abs().max()) == 0 for block in blocks)
    assert all(float(block.second.weight.grad.abs().max()) > 0 for block in blocks)


@pytest.mark.slow
def test_forty_layers_learn_without_normalisation():
    network = seeded(40, 1)
    noise = torch.Generator().manual_seed(0)
    x, labels = torch.randn(20, 3, 8, 8, generator=noise), torch.arange(20) % 10
    optimizer = torch.optim.Adam(network.parameters(), 1e-3)
    losses = []
    for _ in range(40):
        optimizer.zero_grad()
        loss = F.cross_entropy(network(x), labels)
        loss.backward()
        optimizer.step()
        losses.append(float(loss))
    assert losses[0] == pytest.approx(math.log(10), abs=0.3)
    assert losses[-1] < 0.5


@pytest.mark.parametrize("depth", [12, 20, 27])
def test_a_depth_that_does_not_divide_into_blocks_is_refused(depth):
    with pytest.raises(InputError, match=f"cannot be {depth} layers deep.*10, 16, 22, 28"):
        seeded(depth, 1)
