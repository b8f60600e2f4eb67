"""Networks of the user: creation from a plug-in, in a memory layout that their code can work with."""

from __future__ import annotations

import copy
import inspect
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy
from torch.utils._python_dispatch import TorchDispatchMode

from jem_tui.config.schema import NETWORKS, NetworkConfig
from jem_tui.errors import InputError
from jem_tui.jem.data.seeded_code import seeded
from jem_tui.message_text import shown
from jem_tui.plugins.kinds import NETWORK
from jem_tui.plugins.resolve import resolve_plugin
from jem_tui.plugins.user_code import describe_exception

Shape = tuple[int, int, int]
"""Channels, height and width of an image."""


def is_own(config: NetworkConfig) -> bool:
    """Return whether the settings name a network of the user rather than one of this program."""
    return config.name not in NETWORKS


def own_code(config: NetworkConfig, before: str) -> str:
    """Return a clause for messages on weights that do not fit, with `before` in front; empty for a network of this program."""
    return f"{before}the code of the network {config.name}" if is_own(config) else ""


def make_own_network(config: NetworkConfig, shape: Shape, classes: int) -> nn.Module:
    """Create the network of a plug-in, called with `(shape, classes, **network.args)`.

    The global random generators of numpy and Python have the seed of torch's meanwhile. Its weights are in the channels-last layout, unless its code needs contiguous images. Raises InputError if the plug-in cannot be
    resolved, does not accept the arguments, raises, or returns anything but a `torch.nn.Module`.
    """
    make = resolve_plugin(NETWORK, config.name)
    if isinstance(make, nn.Module):
        raise InputError(
            f"The network {config.name} is already a module, of type {type(make).__name__}.",
            "Name its class, or a function that returns a new module for (shape, classes).",
        )
    refuse_wrong_arguments(config, make, shape, classes)
    try:
        with redirect_stdout(sys.stderr), seeded(torch.initial_seed()):
            network = make(shape, classes, **config.args)
    except (Exception, SystemExit) as error:
        raise InputError(
            f"The network {config.name} cannot be created for images of shape {shape} and {classes} classes: "
            f"{describe_exception(error)}.",
            f"It was called as {call_of(config, shape, classes)}.",
        ) from error
    if not isinstance(network, nn.Module):
        raise InputError(
            f"The network {config.name} is of type {type(network).__name__}, not a torch.nn.Module.",
            "Name a class of modules, or a function that returns a module.",
        )
    initialise_lazy_layers(config, network, shape)
    return in_working_layout(network, shape)


def refuse_wrong_arguments(config: NetworkConfig, make: Callable[..., Any], shape: Shape, classes: int) -> None:
    """Raise InputError if a plug-in cannot be called with the arguments of the settings."""
    try:
        signature = inspect.signature(make)
    except (TypeError, ValueError):
        return
    try:
        signature.bind(shape, classes, **config.args)
    except TypeError as error:
        raise InputError(
            f"The network {config.name} does not accept its arguments: {error}.",
            f"It is called as {call_of(config, shape, classes)}: shape (channels, height, width), number of classes, "
            "and each -s network.args.NAME=VALUE.",
        ) from None


def call_of(config: NetworkConfig, shape: Shape, classes: int) -> str:
    """Return the call of a plug-in for a message, such as `Net((1, 28, 28), 10, width=64)`."""
    named = "".join(f", {name}={shown(value)}" for name, value in config.args.items())
    return f"{config.name.rpartition(':')[2]}({shape}, {classes}{named})"


def initialise_lazy_layers(config: NetworkConfig, network: nn.Module, shape: Shape) -> None:
    """Pass an image through a network with layers that take their sizes from it. Raises InputError if that leaves one without sizes."""
    if not any(map(is_lazy, network.parameters())):
        return
    cause = "it does not use the layer for an image"
    try:
        with torch.no_grad(), redirect_stdout(sys.stderr):
            network(torch.zeros(2, *shape))
    except (Exception, SystemExit) as error:
        cause = describe_exception(error)
    if any(map(is_lazy, network.parameters())):
        raise InputError(
            f"The network {config.name} has a lazy layer without sizes: {cause}.",
            f"Its forward method must accept images of shape (n, {', '.join(map(str, shape))}).",
        )


def in_working_layout(network: nn.Module, shape: Shape) -> nn.Module:
    """Return a network in the channels-last layout, or unchanged and with contiguous images if it fails in that layout.

    A call of `view` on images or features is the usual reason. A network that fails in both layouts is left to the checks.
    """
    if works_in_channels_last(network, shape):
        return network.to(memory_format=torch.channels_last)
    network.register_forward_pre_hook(make_contiguous)
    return network


def works_in_channels_last(network: nn.Module, shape: Shape) -> bool:
    """Return whether a copy of a network with weights in the channels-last layout computes logits and gradients of images in either layout."""
    x = torch.zeros(2, *shape)
    try:
        # Evaluation mode accepts any number of images.
        copied = copy.deepcopy(network).to(memory_format=torch.channels_last).eval()
        random, quiet, layout = torch.random.fork_rng(devices=[]), redirect_stdout(sys.stderr), LayoutOfGpus()  # type: ignore[no-untyped-call]
        with random, quiet, layout, torch.enable_grad():
            for images in (x, x.clone(memory_format=torch.channels_last)):
                images.requires_grad_(True)
                torch.autograd.grad(copied(images).float().sum(), images, allow_unused=True)
    except (Exception, SystemExit):
        return False
    return True


class LayoutOfGpus(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Convolutions whose outputs have the channels-last layout, as those of a GPU have; on a CPU, those of gray images do not."""

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Call an operation, and convert the images (n, channels, height, width) that a convolution returns."""
        result = func(*args, **(kwargs or {}))
        if func is torch.ops.aten.convolution.default and result.ndim == 4:
            return result.contiguous(memory_format=torch.channels_last)
        return result


def make_contiguous(network: nn.Module, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """Return the images (n, channels, height, width) that a network is called with in the contiguous layout."""
    # Gray images count as contiguous in either layout, but layers choose that of their outputs by the strides.
    return tuple(
        x if x.stride(1) == x.shape[2] * x.shape[3] else x.clone(memory_format=torch.contiguous_format) for x in inputs
    )
