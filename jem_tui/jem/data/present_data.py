"""The data of a recorded run, read only where that downloads nothing and calls no code of the user."""

from __future__ import annotations

from jem_tui.config.data_sets import TORCHVISION
from jem_tui.config.schema import DataConfig
from jem_tui.errors import InputError
from jem_tui.events.run import ReportProgress
from jem_tui.jem.data.datasets import downloads, is_own_data, load_data, maker
from jem_tui.jem.data.image_set import DataSet


def present_data(config: DataConfig, seed: int, report: ReportProgress) -> DataSet:
    """Load the data set that the settings name. Raises InputError if it is not on this machine, or is code of the user."""
    if is_own_data(config.name):
        raise InputError(f"The data {config.name} is code, which only training and 'jem-tui eval' call.")
    if config.name in TORCHVISION:
        report(f"importing torchvision for {config.name}", None)
        refuse_absent(config)
    return load_data(config, seed, report)


def refuse_absent(config: DataConfig) -> None:
    """Raise InputError unless a collection of torchvision is in its folder."""
    folder, make = downloads(config), maker(TORCHVISION[config.name])
    try:
        for train in (True, False):
            make(folder, train, False)
    except (RuntimeError, OSError, ValueError):
        raise InputError(f"{config.name} is not in {folder}; 'jem-tui eval' on the run downloads it.") from None
