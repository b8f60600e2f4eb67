"""What `eval` and `sample` share: a run folder's settings, with where to run and where its data lies now."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from jem_tui.config.load import from_mapping, set_value
from jem_tui.config.schema import RunConfig

Run = Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a run: finished, stopped or still going on.")]
DataDir = Annotated[
    str, typer.Option(metavar="DIR", help="Where the run's data lies now (default: where it lay in training).")
]


def opened_settings(run_dir: Path, data_dir: str = "", device: str = "") -> tuple[RunConfig, str]:
    """A recorded run's settings and the device to open it on (`auto` unless one is named).

    `data_dir` is where its collection was downloaded to or, for a run on a folder of images, that folder. Raises InputError
    if there is no run, if run.json is damaged, or if there is no device of that name.
    """
    from jem_tui.stream.rundir import RUN_FILE, read_run_file

    config = from_mapping(read_run_file(run_dir).config, str(run_dir / RUN_FILE))
    if data_dir:
        config = with_data_dir(config, data_dir)
    if device:
        config = set_value(config, "train.device", device, "--device")
    return config, config.train.device if device else "auto"


def with_data_dir(config: RunConfig, data_dir: str) -> RunConfig:
    """`config` with its data in another place: the folder itself where the data is a folder of images."""
    is_folder = Path(config.data.name).is_absolute() or Path(config.data.name).name != config.data.name
    data = replace(config.data, name=data_dir) if is_folder else replace(config.data, dir=data_dir)
    return replace(config, data=data)
