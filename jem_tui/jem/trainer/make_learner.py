"""A learner with its first weights and chains, from the settings of a run and its images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import nn

from jem_tui.config.rank_sizes import chains_in_batch
from jem_tui.config.schema import RunConfig
from jem_tui.errors import InputError
from jem_tui.events.run import ReportProgress
from jem_tui.jem.data.image_set import Batches, ImageSet, as_input, to_tensors
from jem_tui.jem.learner.denoising import check_twice_differentiable
from jem_tui.jem.learner.execution import make_compute
from jem_tui.jem.learner.generators import make_generators
from jem_tui.jem.learner.learner import Learner
from jem_tui.jem.learner.optimizer import make_average, make_optimizer
from jem_tui.jem.learner.own_execution import fit_execution
from jem_tui.jem.learner.rank_row import RankRow
from jem_tui.jem.learner.run_time import RunTime
from jem_tui.jem.learner.shares import share_of
from jem_tui.jem.model.network_checks import check_network
from jem_tui.jem.model.networks import make_network
from jem_tui.jem.model.own_network import is_own
from jem_tui.jem.ranks.ranks import ALONE, Ranks
from jem_tui.jem.sampling.chain_pool import ChainPool
from jem_tui.jem.sampling.choose_sampler import choose_sampler
from jem_tui.jem.sampling.initial_distribution import ClassGaussians, InitialDistribution
from jem_tui.jem.sampling.own_initial_distribution import own_initial_distribution

CHECKED_IMAGES = 8
"""Number of training images with which a network of the user is checked."""


def make_learner(
    config: RunConfig, images: ImageSet, classes: int, device: torch.device, ranks: Ranks = ALONE
) -> Learner:
    """Create a learner with fresh weights and chains from the seed, with this rank's share of the chains.

    Raises InputError if a batch cannot be filled.
    """
    own = share_of(config, ranks)
    generators = make_generators(config.train.seed, device, ranks.rank)
    batches = Batches(images, config.train.batch_size, device, generators.order, ranks)
    chains = chains_in_batch(config)
    if config.buffer.size < chains:
        raise InputError(
            f"A replay buffer of {config.buffer.size} chains cannot fill a batch of {chains}.",
            "Try a larger buffer.size or a smaller train.batch_size.",
        )
    shape = tuple(batches.pixels.shape[1:])
    network = seeded_network(config, shape, classes, device)
    ranks.copy_first([*network.parameters(), *network.buffers()])
    gaussians = ClassGaussians(batches.pixels, batches.labels, classes)
    followed = classes if config.sgld.conditional else 0
    users = own_initial_distribution(config.buffer, batches.pixels, batches.labels)
    initial = InitialDistribution(config.buffer, gaussians, shape, device, followed, users)
    return Learner(
        config=config,
        network=network,
        average=make_average(network) if config.optimizer.ema else None,
        optimizer=make_optimizer(network, config.optimizer, device),
        chain_pool=ChainPool(own.buffer, config.objective.hinge, initial, generators.chains),
        batches=batches,
        generators=generators,
        compute=make_compute(network, config.train, (ranks.share(chains), *shape)),
        sampler=choose_sampler(config.sgld),
        run_time=RunTime(60 * config.train.minutes, ranks),
        ranks=ranks,
        rank_row=RankRow(ranks, device),
    )


def checked_network(
    config: RunConfig, images: ImageSet, classes: int, device: torch.device, report: ReportProgress
) -> tuple[RunConfig, list[str]]:
    """Check a network of the user on the device with some images, and return the settings that it works with, and notes on their changes.

    Raises InputError if training needs what the network lacks. A network of this program is not checked.
    """
    if not is_own(config.network) or not len(images):
        return config, []
    report(f"checking the network {config.network.name}", None)
    rows = np.linspace(0, len(images) - 1, CHECKED_IMAGES).round().astype(np.int64)
    pixels, _ = to_tensors(images.take(rows), device)
    x = as_input(pixels)
    network = seeded_network(config, x.shape[1:], classes, device)
    check_network(config.network.name, network, x, classes)
    config, notes = fit_execution(config, network, x)
    if config.objective.denoising:
        forward = make_compute(network, replace(config.train, compile=False), tuple(x.shape)).twice
        check_twice_differentiable(config.network.name, network, forward, x)
    return config, notes


def seeded_network(config: RunConfig, shape: Sequence[int], classes: int, device: torch.device) -> nn.Module:
    """Create the network for images of a shape (channels, height, width), with first weights that depend on the seed alone."""
    channels, height, width = shape
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.train.seed)
        return make_network(config.network, (channels, height, width), classes).to(device)
