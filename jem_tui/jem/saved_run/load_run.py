"""Runs opened for evaluation and sampling: the evaluated network, its chains, its data and the initial distribution."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from jem_tui.config.schema import RunConfig
from jem_tui.errors import InputError
from jem_tui.events.run import ReportProgress
from jem_tui.jem.checkpoint.load_checkpoint import MISFIT, load_newest_checkpoint
from jem_tui.jem.data.datasets import load_data
from jem_tui.jem.data.image_set import DataSet, to_tensors
from jem_tui.jem.data.same_data import refuse_other_kind
from jem_tui.jem.learner.optimizer import make_average
from jem_tui.jem.model.device import choose_device, choose_threads
from jem_tui.jem.model.networks import Shape, make_network
from jem_tui.jem.model.own_network import own_code
from jem_tui.jem.sampling.choose_sampler import choose_sampler
from jem_tui.jem.sampling.initial_distribution import ClassGaussians, InitialDistribution
from jem_tui.jem.sampling.own_initial_distribution import own_initial_distribution
from jem_tui.jem.sampling.sampler import Sampler
from jem_tui.jem.saved_run.model_file import MODEL_FILE, Model, load_model
from jem_tui.run_files import sorted_checkpoints


@dataclass(frozen=True, kw_only=True)
class OpenedRun:
    """The parts of a run that evaluation and sampling use."""

    config: RunConfig
    step: int
    """Optimizer steps done."""
    device: torch.device
    network: nn.Module
    """The network with averaged weights, or with plain weights in a run without average; in eval mode, without gradients of weights."""
    chains: Tensor
    """The replay buffer, shape (n, channels, height, width), in [−1, 1]."""
    labels: Tensor | None = None
    """The class y of p(x|y) that each chain of the replay buffer follows, shape (n,); None if chains follow p(x), or if it was not saved."""
    data: DataSet
    initial: InitialDistribution
    """The initial distribution of chains, fitted to the training images of the run."""
    sampler: Sampler | None = None
    """The sampler that replaces SGLD."""
    checkpoint_warnings: tuple[str, ...] = ()
    """Warnings about checkpoints that cannot be read."""


def open_run(
    config: RunConfig, run_dir: Path, device: str, report: ReportProgress, known: Mapping[str, Any] | None = None
) -> OpenedRun:
    """Return the newest intact checkpoint of a run, which may still be training, or its model file, with the run's data.

    `device` is a name as in the settings. Raises InputError if there is no model, if it is damaged or does not fit `config`,
    or if device or data are missing.
    """
    chosen = choose_device(device)
    torch.set_num_threads(choose_threads(config.train.threads))
    warnings: list[str] = []
    load = find_model(run_dir, warnings.append)
    report(f"reading {config.data.name}", None)
    data = load_data(config.data, config.train.seed, report)
    refuse_other_kind(known or {}, data)
    report("loading the model", None)
    model = load(config, image_shape(data), len(data.class_names), chosen)
    return OpenedRun(
        config=config,
        step=model.step,
        device=chosen,
        network=model.network,
        chains=model.chains,
        labels=model.labels,
        data=data,
        initial=initial_distribution(config, data, chosen),
        sampler=choose_sampler(config.sgld),
        checkpoint_warnings=tuple(warnings),
    )


def find_model(run_dir: Path, warn: Callable[[str], None]) -> Callable[[RunConfig, Shape, int, torch.device], Model]:
    """Return a function that loads the run's newest checkpoint, or else its model file. Raises InputError if the run has neither."""
    if sorted_checkpoints(run_dir):
        return partial(checkpointed_model, run_dir, warn)
    path = run_dir / MODEL_FILE
    if path.is_file():
        return lambda config, shape, classes, device: load_model(path, config.network, shape, classes, device)
    raise InputError(f"{run_dir} has no checkpoint yet.", "Let the run train longer, or save one on its screen.")


def checkpointed_model(
    run_dir: Path, warn: Callable[[str], None], config: RunConfig, shape: Shape, classes: int, device: torch.device
) -> Model:
    """Return the model in the newest intact checkpoint, and warn of newer damaged ones.

    Raises InputError if there is no intact checkpoint, or if the checkpoint does not fit the settings.
    """
    state, warnings = load_newest_checkpoint(run_dir, device)
    for sentence in warnings:
        warn(sentence)
    try:
        learner = state["learner"]
        network = evaluated_network(config, learner, shape, classes, device)
        buffer = learner["population"]["buffer"]
        chains, labels = buffer["x"].float().clamp(-1, 1), buffer["label"] if config.sgld.conditional else None
        return Model(step=int(state["step"]), network=network, chains=chains, labels=labels)
    except MISFIT:
        raise InputError(
            f"The checkpoint in {run_dir} does not fit the run's settings or data.",
            f"Restore run.json and the data with which the run was trained{own_code(config.network, ', and ')}.",
        ) from None


def image_shape(data: DataSet) -> Shape:
    """Return channels, height and width of the images."""
    _, height, width, channels = data.train.images.shape
    return channels, height, width


def evaluated_network(
    config: RunConfig, learner: Mapping[str, Any], shape: Shape, classes: int, device: torch.device
) -> nn.Module:
    """Return the evaluated network of a checkpoint. Raises one of `MISFIT` if its weights do not fit `config`."""
    with torch.random.fork_rng(devices=[]):
        network = make_network(config.network, shape, classes).to(device)
    network.load_state_dict(learner["network"])
    if config.optimizer.ema:
        average = make_average(network)
        average.load_state_dict(learner["average"])
        network = average.module
    return network.eval().requires_grad_(False)


def initial_distribution(config: RunConfig, data: DataSet, device: torch.device) -> InitialDistribution:
    """Create the initial distribution of the run's chains, with class Gaussians of its training images."""
    kept, _ = data.split(config.data.validation, config.train.seed)
    pixels, labels = to_tensors(kept, device)
    gaussians = ClassGaussians(pixels, labels, len(data.class_names))
    own = own_initial_distribution(config.buffer, pixels, labels)
    return InitialDistribution(config.buffer, gaussians, image_shape(data), device, own=own)
