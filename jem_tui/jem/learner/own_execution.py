"""Execution settings that a user's network cannot work with, replaced by settings that it can work with."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn

from jem_tui.config.schema import RunConfig, TrainConfig
from jem_tui.errors import InputError
from jem_tui.jem.learner.execution import Forward, make_compute
from jem_tui.jem.ranks.ranks import Ranks
from jem_tui.jem.sampling.sgld import NetworkEnergy, energy_gradient
from jem_tui.plugins.user_code import describe_exception

WARM_UP = 3
"""Passes before the trial of a CUDA graph, in which libraries choose their kernels."""

Trial = Callable[[nn.Module, TrainConfig, Tensor], None]
"""A trial of a network with settings on images (n, channels, height, width); it raises where they do not fit."""


@dataclass(frozen=True, kw_only=True)
class Fallback:
    """A setting that a network may not work with, and what replaces it."""

    name: str
    """The setting in the section [train]."""
    wanted: Callable[[TrainConfig, Tensor], bool]
    """A function that returns whether the setting asks for what needs a trial."""
    trial: Trial
    instead: Any
    """The value that every network works with."""


def fit_execution(config: RunConfig, network: nn.Module, x: Tensor) -> tuple[RunConfig, list[str]]:
    """Return the settings with a precision, compilation and CUDA graph that a checked network works with, and a note on each change.

    `x` holds images (n, channels, height, width) in [−1, 1] on the device. No random stream is advanced.
    """
    notes: list[str] = []
    devices = [x.device] if x.device.type == "cuda" else []
    for fallback in FALLBACKS:
        if not fallback.wanted(config.train, x):
            continue
        try:
            with torch.random.fork_rng(devices=devices):
                fallback.trial(copy.deepcopy(network), config.train, x)
        except Exception as error:
            value = getattr(config.train, fallback.name)
            config = replace(config, train=replace(config.train, **{fallback.name: fallback.instead}))
            cause = error.message.rstrip(".") if isinstance(error, InputError) else describe_exception(error)
            notes.append(
                f"train.{fallback.name} is {spelled(fallback.instead)} instead of {spelled(value)}, because the network "
                f"{config.network.name} does not work with it: {cause}"
            )
    return config, notes


def agreed_execution(config: RunConfig, notes: list[str], ranks: Ranks) -> tuple[RunConfig, list[str]]:
    """Return on all ranks the settings and notes of the rank that had to change most settings."""
    if ranks.alone:
        return config, notes
    own = {fallback.name: getattr(config.train, fallback.name) for fallback in FALLBACKS}
    found = [json.loads(text) for text in ranks.texts(json.dumps([notes, own]))]
    notes, chosen = max(found, key=lambda row: len(row[0]))
    return replace(config, train=replace(config.train, **chosen)), notes


def spelled(value: object) -> str:
    """Return the value of a setting as the settings file spells it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def try_precision(network: nn.Module, train: TrainConfig, x: Tensor) -> None:
    """Compute logits and ∇ₓE in the configured precision. Raises ValueError if they are not finite."""
    forward = make_compute(network, replace(train, compile=False), tuple(x.shape)).training
    if not forward(x).isfinite().all() or not energy_gradient(NetworkEnergy(forward), x).isfinite().all():
        raise ValueError("logits or gradients are not finite")


def try_compiling(network: nn.Module, train: TrainConfig, x: Tensor) -> None:
    """Compile the network for one batch, with its gradients. Raises the error of the compiler."""
    compute = make_compute(network, train, tuple(x.shape))
    forward_and_backward(network, compute.training, compute.sampling, x)


def try_graph(network: nn.Module, train: TrainConfig, x: Tensor) -> None:
    """Record what an optimizer step asks of the network as a CUDA graph. Raises RuntimeError where its shapes depend on values or where it waits for the device."""
    compute = make_compute(network, replace(train, compile=False), tuple(x.shape))
    stream = torch.cuda.Stream()  # type: ignore[no-untyped-call]
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(WARM_UP):
            forward_and_backward(network, compute.training, compute.sampling, x)
    torch.cuda.current_stream().wait_stream(stream)
    with random_state_apart(x.device), torch.cuda.graph(torch.cuda.CUDAGraph()):
        forward_and_backward(network, compute.training, compute.sampling, x)
    torch.cuda.synchronize()


@contextmanager
def random_state_apart(device: torch.device) -> Iterator[None]:
    """Replace the state of a GPU's default generator during the body, because a failed graph capture leaves the state unusable."""
    number = torch.cuda.current_device() if device.index is None else device.index
    generator = torch.cuda.default_generators[number]
    state = generator.graphsafe_get_state()
    generator.graphsafe_set_state(generator.clone_state())
    try:
        yield
    finally:
        generator.graphsafe_set_state(state)


def forward_and_backward(network: nn.Module, training: Forward, sampling: Forward, x: Tensor) -> None:
    """Compute ∇ₓE and the gradients of the weights."""
    energy_gradient(NetworkEnergy(sampling), x)
    weights = [weight for weight in network.parameters() if weight.requires_grad]
    torch.autograd.grad(training(x).sum(), weights, allow_unused=True)


FALLBACKS = (
    Fallback(
        name="precision", wanted=lambda train, x: train.precision == "bfloat16", trial=try_precision, instead="float32"
    ),
    Fallback(name="compile", wanted=lambda train, x: train.compile, trial=try_compiling, instead=False),
    Fallback(
        name="graph",
        wanted=lambda train, x: x.device.type == "cuda" and train.graph != "off",
        trial=try_graph,
        instead="off",
    ),
)
"""Fallbacks in the order in which they are tried."""
