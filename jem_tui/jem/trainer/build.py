"""A trainer from the settings of a run: data, learner and evaluation, at the first step or at a checkpoint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from jem_tui.config.rank_sizes import refuse_uneven
from jem_tui.config.schema import RunConfig
from jem_tui.events.run import ReportProgress
from jem_tui.jem.data.data_report import DataReport, make_data_report
from jem_tui.jem.data.image_set import DataSet, ImageSet, to_tensors
from jem_tui.jem.data.load_on_ranks import load_on_ranks
from jem_tui.jem.data.same_data import refuse_other_data
from jem_tui.jem.learner.own_execution import agreed_execution
from jem_tui.jem.learner.own_metrics import own_metrics
from jem_tui.jem.model.device import measured_device
from jem_tui.jem.model.own_network import is_own
from jem_tui.jem.ranks.ranks import ALONE, Ranks
from jem_tui.jem.stepping.device_stepper import host_notes
from jem_tui.jem.trainer.automatic_settings import ready_device, resolve
from jem_tui.jem.trainer.make_learner import checked_network, make_learner
from jem_tui.jem.trainer.memory_estimate import RunSize, refuse_too_large, warn_of_large_run
from jem_tui.jem.trainer.plugin_failure import check_sampler, refusing
from jem_tui.jem.trainer.resume import load_newest
from jem_tui.jem.trainer.run_events import RunInfo, Split
from jem_tui.jem.trainer.trainer import Trainer
from jem_tui.plugins.kinds import NETWORK
from jem_tui.plugins.resolve import resolve_plugin
from jem_tui.run_files import sorted_checkpoints


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
