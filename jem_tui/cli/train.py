"""`jem-tui train`: settings, run folder, and the choice between the screen and plain output."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from jem_tui.cli.messages import say
from jem_tui.cli.options import (
    ConfigFile,
    Data,
    DataDir,
    Device,
    Init,
    Json,
    MaxSteps,
    Metrics,
    Network,
    NoDoor,
    NoUi,
    OnDivergence,
    Preset,
    Resume,
    RunDir,
    Sampler,
    Seed,
    Words,
)
from jem_tui.cli.run_inputs import refuse_data_dir, with_moved_data
from jem_tui.cli.select_runs import the_run
from jem_tui.cli.terminal import attended_terminal, capable_terminal
from jem_tui.config.load import make_config, with_flags
from jem_tui.config.schema import RunConfig
from jem_tui.errors import InputError
from jem_tui.plugins.resolve import names_code

if TYPE_CHECKING:
    from jem_tui.events.run import ReportProgress
    from jem_tui.stream.drive import OpenSource, Source


TEXT_FLAGS = {
    "--data": "data.name",
    "--data-dir": "data.dir",
    "--network": "network.name",
    "--sampler": "sgld.sampler",
    "--init": "buffer.init",
    "--metric": "record.metrics",
    "--device": "train.device",
    "--on-divergence": "stability.on_divergence",
}
"""The setting of each option that takes text; empty text leaves the setting unchanged."""
NUMBER_FLAGS = {"--max-steps": "train.max_steps", "--seed": "train.seed"}
"""The setting of each option that takes a number."""
Flags = list[tuple[str, object, str]]
"""Settings, their values, and the options that give them."""


def train(
    data: Data = "",
    data_dir: DataDir = "",
    network: Network = "",
    sampler: Sampler = "",
    init: Init = "",
    metric: Metrics = None,
    preset: Preset = "",
    config: ConfigFile = None,
    set_: Words = None,
    max_steps: MaxSteps = None,
    seed: Seed = None,
    device: Device = "",
    on_divergence: OnDivergence = "",
    run_dir: RunDir = None,
    resume: Resume = None,
    no_ui: NoUi = False,
    json_: Json = False,
    no_door: NoDoor = False,
) -> None:
    """Train a Joint Energy-based Model and watch it live. `jem-tui config` lists all settings."""
    from jem_tui.stream.runs.resumed_settings import resumed_settings

    metrics = ",".join(metric or ())
    sources = data, data_dir, network, sampler, init, metrics, device, on_divergence
    flags = flags_of(dict(zip(TEXT_FLAGS, sources, strict=True)) | {"--max-steps": max_steps, "--seed": seed})
    if resume is None:
        settings = with_flags(make_config(preset, config, set_ or ()), flags)
        refuse_data_dir(settings, data_dir)
        folder = new_folder(run_dir, settings)
    else:
        folder = resumed_folder(resume, run_dir)
        resumed = resumed_settings(folder, without_moved_data(flags), set_ or [], preset, config)
        settings = with_moved_data(resumed, data, data_dir)
    show = choose_output(no_ui, json_)
    label = f"JEM · {settings.network.name} on {settings.data.name} · preset {settings.preset}"
    raise typer.Exit(show(trainer_opener(settings, folder, resume is not None), folder, label, not no_door))


def flags_of(given: Mapping[str, object]) -> Flags:
    """Return the settings that options give. None and empty text count as absent."""
    settings = TEXT_FLAGS | NUMBER_FLAGS
    return [(settings[flag], value, flag) for flag, value in given.items() if value not in (None, "")]


def without_moved_data(flags: Flags) -> Flags:
    """Return the options without the location of data, which may differ when a run is resumed; code of the user stays."""
    return [
        flag
        for flag in flags
        if not flag[0].startswith("data.") or (flag[0] == "data.name" and names_code(str(flag[1])))
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


def trainer_opener(config: RunConfig, run_dir: Path, resume: bool) -> OpenSource:
    """Return the function that imports torch and builds the trainer on its own thread."""

    def open_source(report: ReportProgress) -> Source:
        from jem_tui.stream.runs.resumed_settings import refuse_reached_limit
        from jem_tui.stream.runs.run_dir import read_run_file

        if resume:
            refuse_reached_limit(run_dir, config.train.max_steps)
        report("importing torch", None)
        from jem_tui.jem.trainer.build import open_trainer

        return open_trainer(config, run_dir, resume, report, read_run_file(run_dir).dataset if resume else None)

    return open_source


def choose_output(no_ui: bool, json_lines: bool) -> Callable[[OpenSource, Path, str, bool], int]:
    """Return the function that runs a source: the screen on a capable terminal, else plain output. It returns the exit code.

    The function takes the source, the run folder, a label, and whether other processes can attach to the run.
    """
    wanted = not (no_ui or json_lines)
    if wanted and capable_terminal() and not attended_terminal():
        say("Training without the screen, because stdin or stderr is not a terminal.")
    if wanted and attended_terminal():
        from jem_tui.cli.screen import run_screen

        return run_screen
    from jem_tui.cli.headless import run_json, run_plain, run_progress

    if json_lines:
        return run_json
    return run_progress if capable_terminal() else run_plain
