"""The run that a command line of `train` names: its settings, its folder, and whether it begins or resumes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import typer

from jem_tui.cli.continuation import ended_run, holds_run, refuse_contradictions
from jem_tui.cli.messages import say
from jem_tui.cli.run_inputs import refuse_data_dir, with_moved_data
from jem_tui.cli.select_runs import the_run
from jem_tui.config.load import Flag, make_config
from jem_tui.config.schema import RunConfig
from jem_tui.errors import InputError
from jem_tui.plugins.resolve import names_code

TEXT_FLAGS = {
    "--data": "data.name",
    "--data-dir": "data.dir",
    "--hold-out-class": "data.hold_out",
    "--network": "network.name",
    "--sampler": "sgld.sampler",
    "--init": "buffer.init",
    "--metric": "record.metrics",
    "--device": "train.device",
    "--on-divergence": "stability.on_divergence",
}
"""The setting of each option that takes text; empty text leaves the setting unchanged."""
NUMBER_FLAGS = {"--max-steps": "train.max_steps", "--minutes": "train.minutes", "--seed": "train.seed"}
"""The setting of each option that takes a number."""
Flags = list[Flag]


class ChosenRun(NamedTuple):
    """A run that begins, or resumes from its newest checkpoint."""

    settings: RunConfig
    folder: Path
    resumes: bool
    continues: bool = False
    """True if the same command line continues the run later."""


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """The options that choose a run. None and empty text count as absent."""

    given: Mapping[str, object]
    """Values of the options in `TEXT_FLAGS` and `NUMBER_FLAGS`."""
    words: list[str]
    preset: str
    config: Path | None
    run_dir: Path | None
    resume: Path | None
    continues: bool
    """True with `--continue`."""

    def choose(self) -> ChosenRun:
        """Return the run. Raises InputError for impossible settings and folders, and typer.Exit if `--continue` has nothing to do."""
        flags = flags_of(self.given)
        data, data_dir = str(self.given["--data"]), str(self.given["--data-dir"])
        if self.continues:
            refuse_contradictions(self.run_dir, self.resume)
        found = self.run_dir if self.continues and self.run_dir is not None and holds_run(self.run_dir) else None
        if self.resume is None and found is None:
            settings = make_config(self.preset, self.config, self.words, flags)
            refuse_data_dir(settings, data_dir)
            return ChosenRun(settings, new_folder(self.run_dir, settings), False, self.continues)
        folder = found or resumed_folder(self.resume or Path(), self.run_dir)
        settings = self._resumed(folder, flags)
        if found and (ended := ended_run(folder, settings)):
            say(ended.sentence)
            raise typer.Exit(ended.code)
        return ChosenRun(with_moved_data(settings, data, data_dir), folder, True, self.continues)

    def _resumed(self, folder: Path, flags: Flags) -> RunConfig:
        from jem_tui.stream.runs.resumed_settings import resumed_settings

        return resumed_settings(folder, without_moved_data(flags), self.words, self.preset, self.config)


def run_options(values: Mapping[str, Any]) -> RunOptions:
    """Return the options among the values of the parameters of `train`, by their names."""
    given = {flag: values[flag.removeprefix("--").replace("-", "_")] for flag in (*TEXT_FLAGS, *NUMBER_FLAGS)}
    return RunOptions(
        given=given,
        words=values["set_"] or [],
        preset=values["preset"],
        config=values["config"],
        run_dir=values["run_dir"],
        resume=values["resume"],
        continues=values["continue_"],
    )


def flags_of(given: Mapping[str, object]) -> Flags:
    """Return the settings that options give; those of an option that is repeated, with commas between. None and empty values count as absent."""
    settings = TEXT_FLAGS | NUMBER_FLAGS
    texts = {flag: ",".join(value) if isinstance(value, list) else value for flag, value in given.items()}
    return [(settings[flag], value, flag) for flag, value in texts.items() if value not in (None, "")]


def without_moved_data(flags: Flags) -> Flags:
    """Return the options without the location of data, which may differ when a run is resumed; code of the user stays."""
    return [
        flag
        for flag in flags
        if flag[0] not in ("data.name", "data.dir") or (flag[0] == "data.name" and names_code(str(flag[1])))
    ]


def resumed_folder(resume: Path, run_dir: Path | None) -> Path:
    """Return the folder of the run to resume. Raises InputError if another folder is given as well."""
    if run_dir:
        raise InputError("--resume continues in the run's own folder.", "Leave out --run-dir.")
    return the_run(resume)


def new_folder(asked: Path | None, settings: RunConfig) -> Path:
    """Return the folder of `--run-dir`, or a new name in ./runs, without creating it. Raises InputError if it cannot be used."""
    from jem_tui.stream.runs.run_dir import claim_run_dir, default_root, new_run_dir

    return claim_run_dir(asked or new_run_dir(default_root(), Path(settings.data.name).name))
