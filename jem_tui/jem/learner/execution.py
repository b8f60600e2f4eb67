"""How the network is run while it trains and samples: its precision, its memory layout, and whether it is compiled.

Evaluation does without all of this: it runs the network itself, in single precision.
"""

from __future__ import annotations

import copy
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn

from jem_tui.config.schema import TrainConfig
from jem_tui.errors import InputError
from jem_tui.jem.sampling.sgld import energy_gradient, network_energy

Forward = Callable[[Tensor], Tensor]
"""From images (n, channels, height, width) to logits (n, classes) in single precision."""


@dataclass(frozen=True, kw_only=True)
class Compute:
    """Two ways through the same weights: for the loss, and for the gradient of SGLD, which asks for none of the weights."""

    training: Forward
    sampling: Forward


def make_compute(network: nn.Module, config: TrainConfig, shape: tuple[int, ...]) -> Compute:
    """For a network on its device and batches of chains of `shape` (n, channels, height, width).

    Compiles at once, which takes half a minute or more, if that is asked for; raises InputError where it cannot be done.
    """
    device = next(network.parameters()).device
    training = at_precision(laid_out(network, device), config, device)
    frozen = without_gradients(network)
    if not config.compile:
        return Compute(training=training, sampling=at_precision(laid_out(frozen, device), config, device))
    logging.getLogger("torch.utils.cpp_extension").setLevel(logging.ERROR)  # it would warn across the screen
    try:
        compiled = at_precision(laid_out(compile_network(frozen, device), device), config, device)
        energy_gradient(network_energy(compiled), torch.zeros(shape, device=device))
    except RuntimeError as error:
        cause = next((line for line in str(error).splitlines() if line.strip()), type(error).__name__)
        raise InputError(
            f"torch.compile does not work here: {cause}.", "Leave out -s train.compile=true; it needs a C++ compiler."
        ) from None
    return Compute(training=training, sampling=compiled)


def at_precision(forward: Forward, config: TrainConfig, device: torch.device) -> Forward:
    """`forward` as it is, or its matrix products in bfloat16; the logits, and so all energies, are in single precision."""
    if config.precision == "float32":
        return forward

    def mixed(x: Tensor) -> Tensor:
        with torch.autocast(device.type, dtype=torch.bfloat16):
            logits = forward(x)
        return logits.float()

    return mixed


def laid_out(forward: Forward, device: torch.device) -> Forward:
    """On a GPU, images are brought into the channels-last layout of the weights; on a CPU the convolutions see to that."""
    if device.type != "cuda":
        return forward
    return lambda x: forward(x.contiguous(memory_format=torch.channels_last))


def without_gradients(network: nn.Module) -> nn.Module:
    """A second network on the same storage, whose weights ask for no gradient.

    The graph of an SGLD step is smaller without them, and a compiled network computes every gradient that any of its inputs
    asks for.
    """
    shared = {id(p): nn.Parameter(p.detach(), requires_grad=False) for p in network.parameters()}
    return copy.deepcopy(network, shared)


def compile_network(network: nn.Module, device: torch.device) -> Forward:
    """By torch.compile, on CUDA with graphs, whose results are overwritten by the next call."""
    if device.type != "cuda":
        return cast(Forward, torch.compile(network, dynamic=False))
    replayed = torch.compile(network, mode="reduce-overhead", dynamic=False)
    begin: Callable[[], None] = torch.compiler.cudagraph_mark_step_begin

    def forward(x: Tensor) -> Tensor:
        begin()
        return cast(Tensor, replayed(x))

    return forward
