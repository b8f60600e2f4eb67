from __future__ import annotations

import pytest
import torch

from jem_tui.config.schema import NetworkConfig
from jem_tui.errors import InputError
from jem_tui.jem.model.networks import SpaceToDepth, count_parameters, make_network

NAMES = ["conv", "wrn", "toy", "simple", "resnet"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("shape", [(1, 28, 28), (3, 32, 32), (1, 27, 31)])
def test_gray_colour_and_odd_sizes_give_one_logit_a_class(name, shape):
    network = make_network(NetworkConfig(name=name), shape, 7)
    assert network(torch.zeros(2, *shape)).shape == (2, 7)


@pytest.mark.parametrize("name", NAMES)
def test_the_energy_of_an_image_does_not_depend_on_the_batch_around_it(name):
    network = make_network(NetworkConfig(name=name), (1, 28, 28), 10)
    x = torch.rand(8, 1, 28, 28)
    torch.testing.assert_close(network(x)[:1], network(x[:1]), rtol=1e-4, atol=1e-5)


def test_images_too_small_for_a_network_are_refused():
    with pytest.raises(InputError, match="4×4 pixels are too small"):
        make_network(NetworkConfig(name="simple"), (1, 4, 4), 10)


@pytest.mark.parametrize("shape", [(1, 28, 28), (3, 32, 32)])
def test_conv_is_small_enough_for_a_cpu(shape):
    assert 100_000 <= count_parameters(make_network(NetworkConfig(), shape, 10)) <= 300_000


@pytest.mark.parametrize("shape", [(2, 1, 28, 28), (3, 3, 8, 6)])
@pytest.mark.parametrize("format", [torch.contiguous_format, torch.channels_last])
def test_space_to_depth_is_torchs_in_the_format_of_convolutions(shape, format):
    x = torch.arange(2.0 * 28 * 28)[: torch.Size(shape).numel()].view(shape).to(memory_format=format)
    squares = SpaceToDepth()(x)
    assert torch.equal(squares, torch.nn.PixelUnshuffle(2)(x))
    assert squares.is_contiguous(memory_format=torch.channels_last)
