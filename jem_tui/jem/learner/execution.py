"""Execution of the network in training and sampling: its precision, its memory layout, and its compilation.

Evaluation uses none of this; it runs the network itself in single precision.
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
from jem_tui.jem.sampling.sgld import NetworkEnergy, energy_gradient

Forward = Callable[[Tensor], Tensor]
"""Maps images (n, channels, height, width) to logits (n, classes) in single precision."""


@dataclass(frozen=True, kw_only=True)
class Compute:
    """Forward functions on shared weights: for the loss, and for SGLD, which needs no gradients of the weights."""

    training: Forward
    sampling: Forward
    twice: Forward
    """The forward function for a loss of gradients: torch.compile refuses to differentiate a gradient."""


def make_compute(network: nn.Module, config: TrainConfig, shape: tuple[int, ...]) -> Compute:
    """Create the forward functions of a network on its device, for batches of chains of `shape` (n, channels, height, width).

    With `train.compile` the network is compiled here, in half a minute or more. Raises InputError where that fails.
    """
    device = next(network.parameters()).device
    frozen = without_gradients(network)

    def prepared(forward: Forward) -> Forward:
        return at_precision(in_channels_last(forward, device), config, device)

    if not config.compile:
        eager = prepared(network)
        return Compute(training=eager, sampling=prepared(frozen), twice=eager)
    # The logger would print warnings across the screen.
    logging.getLogger("torch.utils.cpp_extension").setLevel(logging.ERROR)
    try:
        compiled = prepared(compile_network(frozen, device, config.graph))
        energy_gradient(NetworkEnergy(compiled), torch.zeros(shape, device=device))
    except RuntimeError as error:
        cause = next((line for line in str(error).splitlines() if line.strip()), type(error).__name__)
        raise InputError(
            f"torch.compile does not work on this machine: {cause}.",
            "Leave out -s train.compile=true; it needs a C++ compiler.",
        ) from None
    whole = device.type == "cuda" and config.graph != "off"
    training = compile_network(network, device, config.graph) if whole else network
    return Compute(training=prepared(training), sampling=compiled, twice=prepared(network))


def at_precision(forward: Forward, config: TrainConfig, device: torch.device) -> Forward:
    """Return `forward` in the configured precision of matrix products; logits, and so all energies, are in single precision."""
    if config.precision == "float32":
        return forward

    def mixed(x: Tensor) -> Tensor:
        with torch.autocast(device.type, dtype=torch.bfloat16):
            logits = forward(x)
        return logits.float()

    return mixed


def in_channels_last(forward: Forward, device: torch.device) -> Forward:
    """Return `forward` with images in the channels-last layout on GPUs; on CPUs the convolutions convert them."""
    if device.type != "cuda":
        return forward
    return lambda x: forward(x.contiguous(memory_format=torch.channels_last))


def without_gradients(network: nn.Module) -> nn.Module:
    """Return a second network on the same storage, buffers included, whose weights require no gradient.

    That makes the graph of an SGLD step smaller, and keeps a compiled network from computing gradients of the weights.
    """
    weights = {id(p): nn.Parameter(p.detach(), requires_grad=False) for p in network.parameters()}
    return copy.deepcopy(network, {**weights, **{id(buffer): buffer for buffer in network.buffers()}})


def compile_network(network: nn.Module, device: torch.device, graph: str) -> Forward:
    """Compile a network with torch.compile for fixed shapes.

    On CUDA the kernels become part of the graph of a step. With `graph` "off" the compiler records graphs of its own, whose
    results the next call overwrites.
    """
    if device.type != "cuda" or graph != "off":
        return cast(Forward, torch.compile(network, dynamic=False))
    replayed = torch.compile(network, mode="reduce-overhead", dynamic=False)
    begin: Callable[[], None] = torch.compiler.cudagraph_mark_step_begin

    def forward(x: Tensor) -> Tensor:
        begin()
        return cast(Tensor, replayed(x))

    return forward
