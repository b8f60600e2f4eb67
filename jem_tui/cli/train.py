"""`jem-tui train`: settings, run folder, and the choice between the screen and plain output."""

from __future__ import annotations

from collections.abc import Callable
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
from jem_tui.cli.run_inputs import with_moved_data
from jem_tui.cli.select_runs import the_run
from jem_tui.cli.terminal import attended_terminal, capable_terminal
from jem_tui.config.load import make_config, with_flags
from jem_tui.config.schema import RunConfig
from jem_tui.errors import InputError
from jem_tui.plugins.resolve import names_code

if TYPE_CHECKING:
    from jem_tui.events.run import ReportProgress
    from jem_tui.stream.drive import OpenSource, Source


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

    named = {
        "data.name": (data or None, "--data"),
        "data.dir": (data_dir or None, "--data-dir"),
        "network.name": (network or None, "--network"),
        "train.max_steps": (max_steps, "--max-steps"),
        "train.seed": (seed, "--seed"),
        "train.device": (device or None, "--device"),
        "stability.on_divergence": (on_divergence or None, "--on-divergence"),
        "sgld.sampler": (sampler or None, "--sampler"),
        "buffer.init": (init or None, "--init"),
        "record.metrics": (",".join(metric) if metric else None, "--metric"),
    }
    flags = [(key, value, flag) for key, (value, flag) in named.items() if value is not None]
    if resume is None:
        settings = with_flags(make_config(preset, config, set_ or ()), flags)
        folder = new_folder(run_dir, settings)
    elif run_dir:
        raise InputError("--resume continues in the run's own folder.", "Leave out --run-dir.")
    else:
        kept = [
            flag for flag in flags if not flag[0].startswith("data.") or (flag[0] == "data.name" and names_code(data))
        ]
        resume = the_run(resume)
        settings = with_moved_data(resumed_settings(resume, kept, set_ or [], preset, config), data, data_dir)
        folder = resume
    show = choose_output(no_ui, json_)
    label = f"JEM · {settings.network.name} on {settings.data.name} · preset {settings.preset}"
    raise typer.Exit(show(trainer_opener(settings, folder, resume is not None), folder, label, not no_door))


def new_folder(asked: Path | None, settings: RunConfig) -> Path:
    """Return the folder of `--run-dir`, or a new name in ./runs, without creating it. Raises InputError if it cannot be used."""
    from jem_tui.stream.runs.run_dir import claim_run_dir, default_root, new_run_dir

    return claim_run_dir(asked or new_run_dir(default_root(), Path(settings.data.name).name))


def trainer_opener(config: RunConfig, run_dir: Path, resume: bool) -> OpenSource:
    """Return the function that imports torch and builds the trainer on its own thread."""

    def open_source(report: ReportProgress) -> Source:
        report("importing torch", None)
        from jem_tui.jem.trainer.build import open_trainer
        from jem_tui.stream.runs.run_dir import read_run_file

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
