"""Inputs of a recorded run: its settings, its device, and the current location of its data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jem_tui.cli.messages import say
from jem_tui.config.load import set_value
from jem_tui.config.recorded_plugins import recorded_settings, refuse_unrepeated_code, with_changed_arguments
from jem_tui.config.schema import RunConfig
from jem_tui.errors import InputError
from jem_tui.plugins.kinds import DATA, METRIC
from jem_tui.plugins.resolve import entry_names, names_code
from jem_tui.plugins.trust import PluginUse
from jem_tui.user_folders import expanded

if TYPE_CHECKING:
    from jem_tui.jem.saved_run.load_run import OpenedRun

Run = Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a run: finished, stopped or still running.")]
DataDir = Annotated[
    str, typer.Option(metavar="DIR", help="Current location of the run's data (default: its location during training).")
]


def opened_settings(
    run_dir: Path,
    data_dir: str = "",
    device: str = "",
    repeated: Sequence[PluginUse] = (),
    words: Iterable[str] = (),
) -> tuple[RunConfig, str]:
    """Return a recorded run's settings and the name of the device to open the run on (by default `auto`).

    `data_dir` is the download folder of the run's collection or, for a run on a folder of images, the folder itself. `words` change
    arguments of own data. Raises InputError if there is no run, if run.json is damaged, if the run uses code that is not among
    the `repeated` names, or if no device has the given name.
    """
    from jem_tui.run_files import RUN_FILE
    from jem_tui.stream.runs.run_dir import read_run_file

    config = recorded_settings(read_run_file(run_dir).config, str(run_dir / RUN_FILE))
    refuse_unrepeated_code(run_dir, config, repeated, unused=(METRIC,))
    config = with_changed_arguments(config, words)
    if data_dir:
        config = with_data_dir(config, data_dir)
    if device:
        config = set_value(config, "train.device", device, "--device")
    return config, config.train.device if device else "auto"


def report_resume_warnings(run_dir: Path, opened: OpenedRun) -> None:
    """Print on stderr which checkpoints of a run are unreadable, and which checkpoint is used."""
    for warning in opened.checkpoint_warnings:
        say(f"{run_dir}: {warning}")


def with_data_dir(config: RunConfig, data_dir: str) -> RunConfig:
    """Return `config` with another location of its data: the download folder, or the folder of images itself."""
    refuse_data_dir(config, data_dir)
    if not is_folder(config.data.name):
        return replace(config, data=replace(config.data, dir=data_dir))
    place = expanded(data_dir)
    if not place.is_dir():
        raise InputError(f"There is no folder {data_dir}.", "Pass the folder that holds the run's images now.")
    return replace(config, data=replace(config.data, name=str(place.absolute())))


def refuse_data_dir(config: RunConfig, data_dir: str) -> None:
    """Raise InputError if a folder is given for data of the user's code, which takes arguments instead."""
    if data_dir and (names_code(config.data.name) or config.data.name in entry_names(DATA)):
        raise InputError(
            f"--data-dir does not apply to {config.data.name}.", "Pass a folder as an argument: -s data.args.NAME=DIR."
        )


def is_folder(name: str) -> bool:
    """Return whether data of this name is a folder of images rather than a collection."""
    return Path(name).is_absolute() or Path(name).name != name


def with_moved_data(config: RunConfig, data: str, data_dir: str) -> RunConfig:
    """Return a resumed run's settings with the location of its data that `--data` or `--data-dir` name.

    Raises InputError if both name a folder of images, or if `--data` names other data.
    """
    moved = data if data and is_folder(config.data.name) and not same_place(data, config.data.name) else ""
    if moved and data_dir:
        raise InputError(
            "--data and --data-dir both give a location of the run's images.", "Leave out --data or --data-dir."
        )
    if data and not moved and not same_place(data, config.data.name):
        raise InputError(
            f"data.name cannot change when a run is resumed: it is {config.data.name}.",
            "If the data set is in another folder, pass that folder with --data-dir; for other data, start a new run.",
        )
    return with_data_dir(config, moved or data_dir) if moved or data_dir else config


def same_place(one: str, other: str) -> bool:
    """Return whether two names are equal or refer to one folder."""
    return one == other or (is_folder(other) and expanded(one).resolve() == expanded(other).resolve())
