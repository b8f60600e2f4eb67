"""The memory of a network's weights and activations, determined without building a large network."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor, nn

from jem_tui.config.schema import NetworkConfig
from jem_tui.jem.model.networks import Shape, count_parameters, make_network
from jem_tui.jem.model.own_network import is_own

FLOAT = 4
"""Bytes of a number in single precision."""
BUILT = 64
"""Largest side of images, in pixels, for which a network is built and measured."""


@dataclass(frozen=True, kw_only=True)
class NetworkSize:
    """Bytes of a network in single precision."""

    weights: int
    activations: int
    """Size of the outputs of all layers for one image."""


def network_size(config: NetworkConfig, shape: Shape, classes: int) -> NetworkSize:
    """Return the size of a network, extrapolated for large images: everything grows with the area or not at all.

    A network of the user is measured at the very size, because it may not exist at another one.
    Raises InputError if the images are too small for the network.
    """
    channels, height, width = shape
    if max(height, width) <= BUILT or is_own(config):
        return measured(config, shape, classes)
    # Images with an odd side have no space-to-depth stem.
    odd = height % 2 or width % 2
    sides = BUILT // 2 - odd, BUILT - odd
    low, high = (measured(config, (channels, side, side), classes) for side in sides)
    share = (height * width - sides[0] ** 2) / (sides[1] ** 2 - sides[0] ** 2)
    return NetworkSize(
        weights=round(low.weights + share * (high.weights - low.weights)),
        activations=round(low.activations + share * (high.activations - low.activations)),
    )


@lru_cache(maxsize=8)
def measured(config: NetworkConfig, shape: Shape, classes: int) -> NetworkSize:
    """Build and measure a network without advancing the global random stream."""
    with torch.random.fork_rng(devices=[]):
        network = make_network(config, shape, classes)
        weights = FLOAT * count_parameters(network)
        return NetworkSize(weights=weights, activations=activation_bytes(network, shape, partly=is_own(config)))


def activation_bytes(network: nn.Module, shape: Shape, partly: bool = False) -> int:
    """Return the bytes of the outputs of all layers for one image; what a forward method computes without layers is not counted.

    With `partly`, a network that cannot run on the CPU counts as far as it comes.
    """
    counted: list[int] = []

    def count(layer: nn.Module, inputs: object, output: object) -> None:
        outputs = output if isinstance(output, list | tuple) else [output]
        counted.extend(each.numel() * FLOAT for each in outputs if isinstance(each, Tensor))

    for layer in network.modules():
        if not any(layer.children()):
            layer.register_forward_hook(count)
    with torch.no_grad(), suppress(*(Exception, SystemExit) * partly):
        network(torch.zeros(1, *shape))
    return sum(counted)
