"""Construction of a trainer from its settings; no other module combines all parts of `jem`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from jem_tui.config.rank_sizes import chains_in_batch, refuse_uneven
from jem_tui.config.schema import RunConfig
from jem_tui.errors import InputError
from jem_tui.events.run import ReportProgress
from jem_tui.jem.checkpoint.checkpoint import MISFIT, load_newest_checkpoint
from jem_tui.jem.data.data_report import DataReport, make_data_report
from jem_tui.jem.data.image_set import Batches, DataSet, ImageSet, as_input, to_tensors
from jem_tui.jem.data.load_on_ranks import load_on_ranks
from jem_tui.jem.data.same_data import refuse_other_data
from jem_tui.jem.learner.denoising import check_twice_differentiable
from jem_tui.jem.learner.execution import make_compute
from jem_tui.jem.learner.generators import make_generators
from jem_tui.jem.learner.learner import Learner
from jem_tui.jem.learner.optimizer import make_average, make_optimizer
from jem_tui.jem.learner.own_execution import agreed_execution, fit_execution
from jem_tui.jem.learner.own_metrics import own_metrics
from jem_tui.jem.learner.rank_row import RankRow
from jem_tui.jem.learner.run_time import RunTime
from jem_tui.jem.learner.shares import share_of
from jem_tui.jem.model.device import measured_device
from jem_tui.jem.model.network_checks import check_network
from jem_tui.jem.model.networks import make_network
from jem_tui.jem.model.own_network import is_own, own_code
from jem_tui.jem.ranks.ranks import ALONE, Ranks
from jem_tui.jem.sampling.chain_pool import ChainPool
from jem_tui.jem.sampling.choose_sampler import choose_sampler
from jem_tui.jem.sampling.initial_distribution import ClassGaussians, InitialDistribution
from jem_tui.jem.sampling.own_initial_distribution import own_initial_distribution
from jem_tui.jem.stepping.device_stepper import host_notes
from jem_tui.jem.trainer.automatic_settings import ready_device, resolve
from jem_tui.jem.trainer.memory_estimate import RunSize, refuse_too_large, warn_of_large_run
from jem_tui.jem.trainer.plugin_failure import check_sampler, refusing
from jem_tui.jem.trainer.reached_bounds import reached_bounds
from jem_tui.jem.trainer.run_events import RunInfo, Split
from jem_tui.jem.trainer.trainer import Trainer
from jem_tui.plugins.kinds import NETWORK
from jem_tui.plugins.resolve import resolve_plugin
from jem_tui.run_files import sorted_checkpoints

CHECKED_IMAGES = 8
"""Number of training images with which a network of the user is checked."""


def open_trainer(
    config: RunConfig,
    run_dir: Path,
    resume: bool,
    report: ReportProgress,
    known: Mapping[str, Any] | None = None,
    ranks: Ranks = ALONE,
) -> Trainer:
    """Return a trainer at its first step, or with `resume` at its newest checkpoint. Raises InputError if data or device are missing.

    A run that was killed before its first checkpoint starts again from its seed, with equal results. The data of a resumed run
    must agree with the figures `known` from its start. The trainer of each of several `ranks` holds its share of the run.
    """
    config = resolve(config, ranks.local_size)
    refuse_uneven(config, ranks.size, resume=resume)
    device = ready_device(config)
    if is_own(config.network):
        report(f"importing {config.network.name}", None)
        resolve_plugin(NETWORK, config.network.name)
    metrics = own_metrics(config.record)
    report(f"reading {config.data.name}", None)
    data = load_on_ranks(config.data, config.train.seed, report, ranks)
    kept, held_out = data.split(config.data.validation, config.train.seed)
    config, notes = agreed_execution(*checked_network(config, kept, len(data.class_names), device, report), ranks)
    about = report_on_data(config, data, (kept, held_out), device, ranks)
    changes = refuse_other_data(known or {}, data, about)
    for line in (about.sentence(), *(f"warning: {warning}" for warning in about.warnings)):
        report(line, None)
    report(f"{'compiling, and ' if config.train.compile else ''}filling the replay buffer", None)
    with refusing():
        learner = make_learner(config, kept, len(data.class_names), device, ranks)
        check_sampler(learner)
    info = make_info(run_dir, data, about, measured_device(device, config.train.threads), ranks)
    validation = make_split(held_out, device, config.record.evaluate_images)
    trainer = Trainer(learner, validation, make_split(data.test, device), info, metrics=metrics)
    trainer.resume_warnings = ranks.sentences_of_first([*changes, *notes, *host_notes(config, device)])
    if ranks.any(ranks.rank == 0 and resume and bool(sorted_checkpoints(run_dir))):
        report("loading the checkpoint", None)
        load_newest(trainer, run_dir)
    return trainer


def report_on_data(
    config: RunConfig, data: DataSet, splits: tuple[ImageSet, ImageSet], device: torch.device, ranks: Ranks
) -> DataReport:
    """Return the report on the images to train on and those held out. Raises InputError if the run does not fit into memory."""
    kept, held_out = splits
    size = replace(run_size(data, kept), ranks=ranks)
    need = refuse_too_large(config, size, device)
    about = make_data_report(data, kept, held_out, warn_of_large_run(config, size, need))
    # A warning may depend on the machine, but all ranks must emit the same notes.
    return replace(about, warnings=tuple(ranks.sentences_of_first(about.warnings)))


def make_info(run_dir: Path, data: DataSet, about: DataReport, device: str, ranks: Ranks) -> RunInfo:
    """Return the properties of a run that are known when it starts; `device` names the device of one rank."""
    return RunInfo(
        run_dir=run_dir,
        device=f"{ranks.size} × {device}" if ranks.size > 1 else device,
        tile_shape=tile_shape(data.train),
        class_names=data.class_names,
        data=about,
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
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.train.seed)
        channels, height, width = x.shape[1:]
        network = make_network(config.network, (channels, height, width), classes).to(device)
    check_network(config.network.name, network, x, classes)
    config, notes = fit_execution(config, network, x)
    if config.objective.denoising:
        forward = make_compute(network, replace(config.train, compile=False), tuple(x.shape)).twice
        check_twice_differentiable(config.network.name, network, forward, x)
    return config, notes


def load_newest(trainer: Trainer, run_dir: Path) -> None:
    """Load the newest intact checkpoint into a trainer. Raises InputError if there is none, or if no steps are left to train."""
    state, warnings = load_newest_checkpoint(run_dir, trainer.learner.buffer.x.device, trainer.learner.ranks)
    restore(trainer, state, run_dir)
    trainer.resume_warnings = [*trainer.resume_warnings, *warnings]
    if trainer.finished:
        done, bounds = reached_bounds(trainer)
        raise InputError(
            f"{run_dir} has nothing left to train: {done}.",
            f"To train longer, raise {' and '.join(bounds)}, counted from the start of the run.",
        )


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
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.train.seed)
        network = make_network(config.network, (shape[0], shape[1], shape[2]), classes).to(device)
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


def make_split(images: ImageSet, device: torch.device, most: int | None = None) -> Split:
    """Return images that are not trained on as tensors on the device, the first `most` if that is given."""
    pixels, labels = to_tensors(images.take(np.arange(min(len(images), most or len(images)))), device)
    return Split(pixels=pixels, labels=labels)


def run_size(data: DataSet, kept: ImageSet) -> RunSize:
    """Return the figures that the memory of a run on the images `kept` depends on."""
    height, width, channels = tile_shape(data.train)
    splits = [data.train, data.test, *([data.validation] if data.validation else [])]
    training = np.bincount(kept.labels, minlength=len(data.class_names)).tolist()
    images = sum(map(len, splits))
    # Holding out images also copies the remaining images.
    read = images + (len(data.train) if data.validation is None else 0)
    return RunSize(images=images, training=training, shape=(channels, height, width), read=read)


def tile_shape(images: ImageSet) -> tuple[int, int, int]:
    """Return height, width and channels of one image."""
    _, height, width, channels = images.images.shape
    return height, width, channels


def restore(trainer: Trainer, state: dict[str, Any], run_dir: Path) -> None:
    """Load a checkpoint into a trainer, with new random streams if another number of ranks has saved it.

    Raises InputError if it does not fit the trainer's settings.
    """
    try:
        trainer.load_state_dict(state)
        if not isinstance(trainer.step, int) or trainer.step < 0:
            raise ValueError("the number of steps is invalid")
        if len(state["learner"]["generators"]) == 1:
            seed = trainer.config.train.seed
            trainer.learner.generators.seed_own(seed, state["recovery"]["rewinds"], trainer.step)
    except MISFIT:
        raise InputError(
            f"The checkpoint in {run_dir} does not fit the run's settings.",
            f"Resume without changing network, buffer or data settings{own_code(trainer.config.network, ', or ')}.",
        ) from None
