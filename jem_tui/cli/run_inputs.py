"""What `eval` and `sample` share: a run folder's settings, with where to run and where its data lies now."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jem_tui.cli.messages import say
from jem_tui.config.load import from_mapping, set_value
from jem_tui.config.schema import RunConfig
from jem_tui.errors import InputError
from jem_tui.user_folders import expanded

if TYPE_CHECKING:
    from jem_tui.jem.saved_run.load_run import OpenedRun

Run = Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a run: finished, stopped or still going on.")]
DataDir = Annotated[
    str, typer.Option(metavar="DIR", help="Where the run's data lies now (default: where it lay in training).")
]


def opened_settings(run_dir: Path, data_dir: str = "", device: str = "") -> tuple[RunConfig, str]:
    """A recorded run's settings and the device to open it on (`auto` unless one is named).

    `data_dir` is where its collection was downloaded to or, for a run on a folder of images, that folder. Raises InputError
    if there is no run, if run.json is damaged, or if there is no device of that name.
    """
    from jem_tui.run_files import RUN_FILE
    from jem_tui.stream.runs.run_dir import read_run_file

    config = from_mapping(read_run_file(run_dir).config, str(run_dir / RUN_FILE))
    if data_dir:
        config = with_data_dir(config, data_dir)
    if device:
        config = set_value(config, "train.device", device, "--device")
    return config, config.train.device if device else "auto"


def report_resume_warnings(run_dir: Path, opened: OpenedRun) -> None:
    """Print on stderr which checkpoints of a run cannot be read, and which one is taken."""
    for warning in opened.checkpoint_warnings:
        say(f"{run_dir}: {warning}")


def with_data_dir(config: RunConfig, data_dir: str) -> RunConfig:
    """`config` with its data in another place: the folder itself where the data is a folder of images."""
    if not is_folder(config.data.name):
        return replace(config, data=replace(config.data, dir=data_dir))
    place = expanded(data_dir)
    if not place.is_dir():
        raise InputError(f"There is no folder {data_dir}.", "Name the folder that the run's images lie in now.")
    return replace(config, data=replace(config.data, name=str(place.absolute())))


def is_folder(name: str) -> bool:
    """Return whether data of this name is a folder of images rather than a collection."""
    return Path(name).is_absolute() or Path(name).name != name


def with_moved_data(config: RunConfig, data: str, data_dir: str) -> RunConfig:
    """Return a resumed run's settings with its data where `--data` or `--data-dir` say that it lies now.

    Raises InputError if both name a folder of images, or if `--data` names other data.
    """
    moved = data if data and is_folder(config.data.name) and not same_place(data, config.data.name) else ""
    if moved and data_dir:
        raise InputError(
            "--data and --data-dir both name a place of the run's images.", "Leave out --data or --data-dir."
        )
    if data and not moved and not same_place(data, config.data.name):
        raise InputError(
            f"data.name cannot change when a run is resumed: it is {config.data.name}.",
            "Name the folder that it was downloaded to with --data-dir, or start a new run.",
        )
    return with_data_dir(config, moved or data_dir) if moved or data_dir else config


def same_place(one: str, other: str) -> bool:
    """Return whether two names are equal, or name one folder."""
    return one == other or (is_folder(other) and expanded(one).resolve() == expanded(other).resolve())
