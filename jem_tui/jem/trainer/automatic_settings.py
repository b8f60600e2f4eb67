"""Automatic choices of the settings, and torch set up for them."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import torch

from jem_tui.config.data_sets import NAMES
from jem_tui.config.schema import DeviceName, RunConfig
from jem_tui.jem.data.datasets import is_own_data
from jem_tui.jem.model.device import choose_device, choose_threads, prepare
from jem_tui.jem.ranks.join import device_of_rank
from jem_tui.user_folders import expanded


def resolve(config: RunConfig, processes: int = 1) -> RunConfig:
    """Return the settings with automatic choices replaced by their values: device, threads and full paths.

    `processes` is the number of ranks on this machine, which share its cores.
    """
    train = config.train
    device = cast(DeviceName, choose_device(train.device).type)
    return replace(
        config,
        data=replace(config.data, name=absolute(config.data.name), dir=absolute(config.data.dir)),
        train=replace(train, device=device, threads=choose_threads(train.threads, processes)),
    )


def absolute(name: str) -> str:
    """Return the full path of a folder, so that a run can be resumed from another folder; other names stay."""
    folder = expanded(name)
    return str(folder.resolve()) if name and name not in NAMES and folder.is_dir() and not is_own_data(name) else name


def ready_device(config: RunConfig) -> torch.device:
    """Return the device of this rank, with torch set up for it and for the threads of the settings."""
    device = device_of_rank(choose_device(config.train.device))
    torch.set_num_threads(config.train.threads)
    prepare(device)
    return device
