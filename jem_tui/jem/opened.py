"""A recorded run opened for looking at: the network as it is evaluated, its chains, its data, and what chains start from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from jem_tui.config.schema import RunConfig
from jem_tui.errors import InputError
from jem_tui.jem.checkpoint import load_checkpoint, sorted_checkpoints
from jem_tui.jem.datasets import load_data
from jem_tui.jem.device import choose_device, choose_threads
from jem_tui.jem.images import DataSet, hold_out, to_tensors
from jem_tui.jem.initial import ClassGaussians, InitialDistribution
from jem_tui.jem.networks import Shape, make_network
from jem_tui.jem.optimize import make_average

Report = Callable[[str, float | None], None]
DAMAGE = (KeyError, RuntimeError, ValueError, TypeError, AttributeError)
"""What tensors that do not fit the settings raise."""


@dataclass(frozen=True, kw_only=True)
class OpenedRun:
    """What evaluation and sampling need of a run; nothing in it is trained any further."""

    config: RunConfig
    step: int
    """Optimizer steps done."""
    device: torch.device
    network: nn.Module
    """The averaged weights, or the plain ones of a run without average; in eval mode, without gradients for weights."""
    chains: Tensor
    """The replay buffer, shape (n, channels, height, width), in [−1, 1]."""
    data: DataSet
    initial: InitialDistribution
    """What chains start from, fitted to the same training images as in the run."""


def open_run(config: RunConfig, run_dir: Path, device: str, report: Report) -> OpenedRun:
    """The newest complete checkpoint of a run, which may still be going on, with the run's data.

    `device` is a name as in the settings. Raises InputError if there is no checkpoint, if it is damaged or does not fit
    `config`, or if device or data are missing.
    """
    chosen = choose_device(device)
    torch.set_num_threads(choose_threads(config.train.threads))
    if not sorted_checkpoints(run_dir):
        raise InputError(
            f"{run_dir} has no checkpoint yet.", "Let it train longer, or press s on its screen to save one."
        )
    report("loading the checkpoint", None)
    state = load_checkpoint(run_dir, chosen)
    report(f"reading {config.data.name}", None)
    data = load_data(config.data, config.train.seed, report)
    shape = image_shape(data)
    try:
        learner = state["learner"]
        network = evaluated_network(config, learner, shape, len(data.class_names), chosen)
        chains = learner["buffer"]["x"].clamp(-1, 1)
        step = int(state["step"])
    except DAMAGE:
        raise InputError(
            f"The checkpoint in {run_dir} does not fit the run's settings or data.", "Was run.json edited, or the data?"
        ) from None
    return OpenedRun(
        config=config,
        step=step,
        device=chosen,
        network=network,
        chains=chains,
        data=data,
        initial=initial_distribution(config, data, chosen),
    )


def image_shape(data: DataSet) -> Shape:
    """Channels, height and width of the images."""
    _, height, width, channels = data.train.images.shape
    return channels, height, width


def evaluated_network(
    config: RunConfig, learner: Mapping[str, Any], shape: Shape, classes: int, device: torch.device
) -> nn.Module:
    """The network of a checkpoint as it is scored. Raises one of `DAMAGE` if the weights are not those of `config`."""
    with torch.random.fork_rng(devices=[]):
        network = make_network(config.network, shape, classes).to(device)
    network.load_state_dict(learner["network"])
    if config.optimizer.ema:
        average = make_average(network, config.optimizer.ema)
        average.load_state_dict(learner["average"])
        network = average.module
    return network.eval().requires_grad_(False)


def initial_distribution(config: RunConfig, data: DataSet, device: torch.device) -> InitialDistribution:
    """What the run's chains start from: class Gaussians of the images that it trained on."""
    kept, _ = hold_out(data.train, config.data.validation, config.train.seed)
    pixels, labels = to_tensors(kept, device)
    gaussians = ClassGaussians(pixels, labels, len(data.class_names))
    return InitialDistribution(config.buffer, gaussians, image_shape(data), device)
