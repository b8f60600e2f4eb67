"""`jem-tui train`: settings, run folder, and the choice between the screen and plain output."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jem_tui.cli.config import ConfigFile, Preset, Words
from jem_tui.config.load import from_mapping, make_config, set_value, with_word
from jem_tui.config.schema import RunConfig
from jem_tui.errors import InputError

if TYPE_CHECKING:
    from jem_tui.stream.drive import OpenSource, Report, Source

MAY_CHANGE = ("train.epochs", "train.max_steps", "train.device", "record.")
"""What a resumed run may set anew; anything else would make it another run."""


def train(
    data: Annotated[
        str,
        typer.Option(
            metavar="NAME|DIR",
            help="mnist-mini (default), mnist, fashion-mnist, kmnist, cifar10, svhn, or a folder of class folders.",
        ),
    ] = "",
    data_dir: Annotated[
        str, typer.Option(metavar="DIR", help="Where downloads are kept (default: the user's cache directory).")
    ] = "",
    preset: Preset = "",
    config: ConfigFile = None,
    set_: Words = None,
    max_steps: Annotated[int | None, typer.Option(metavar="N", help="End after N optimizer steps.")] = None,
    seed: Annotated[int | None, typer.Option(metavar="N", help="Seed of every random number.")] = None,
    device: Annotated[str, typer.Option(metavar="NAME", help="auto (default), cpu, cuda or mps.")] = "",
    run_dir: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="The run folder itself, new or empty (default: a new one in ./runs)."),
    ] = None,
    resume: Annotated[
        Path | None, typer.Option(metavar="RUN", help="Continue a run from its newest checkpoint.")
    ] = None,
    no_ui: Annotated[
        bool, typer.Option("--no-ui", help="Train without the screen (also when stdout is no terminal).")
    ] = False,
    json_: Annotated[bool, typer.Option("--json", help="Without the screen: one JSON object a line.")] = False,
) -> None:
    """Train a Joint Energy-based Model and watch it live. `jem-tui config` lists all settings."""
    named = {
        "data.name": (data or None, "--data"),
        "data.dir": (data_dir or None, "--data-dir"),
        "train.max_steps": (max_steps, "--max-steps"),
        "train.seed": (seed, "--seed"),
        "train.device": (device or None, "--device"),
    }
    flags = [(key, value, flag) for key, (value, flag) in named.items() if value is not None]
    if resume is not None:
        if run_dir or preset or config:
            raise InputError(
                "--resume goes on in the run's own folder with its own settings.",
                "Leave out --run-dir, --preset and --config.",
            )
        settings, folder = resumed_settings(resume, flags, set_ or []), resume
    else:
        from jem_tui.stream.rundir import claim_run_dir, default_root, new_run_dir

        settings = with_flags(make_config(preset, config, set_ or ()), flags)
        folder = claim_run_dir(run_dir or new_run_dir(default_root(), f"{Path(settings.data.name).name}"))
    open_source = trainer_opener(settings, folder, resume is not None)
    show = choose_face(no_ui, json_)
    raise typer.Exit(
        show(open_source, folder, f"JEM · {settings.network.name} on {settings.data.name} · preset {settings.preset}")
    )


def with_flags(config: RunConfig, flags: Sequence[tuple[str, object, str]]) -> RunConfig:
    """`config` with the values of named flags."""
    for key, value, flag in flags:
        config = set_value(config, key, value, flag)
    return config


def resumed_settings(run_dir: Path, flags: Sequence[tuple[str, object, str]], words: list[str]) -> RunConfig:
    """A recorded run's settings, with what may be set anew. Its old step limit is not kept. Raises InputError otherwise."""
    from jem_tui.stream.rundir import RUN_FILE, read_run_file

    for key in [key for key, _, _ in flags] + [word.partition("=")[0].strip() for word in words]:
        if not key.startswith(MAY_CHANGE):
            raise InputError(f"{key} cannot change when a run is resumed.", f"Only {', '.join(MAY_CHANGE)}* can.")
    config = from_mapping(read_run_file(run_dir).config, str(run_dir / RUN_FILE))
    config = replace(config, train=replace(config.train, max_steps=0))
    for word in words:
        config = with_word(config, word)
    return with_flags(config, flags)


def trainer_opener(config: RunConfig, run_dir: Path, resume: bool) -> OpenSource:
    """What builds the trainer on the thread that will own it; torch is imported there."""

    def open_source(report: Report) -> Source:
        report("importing torch", None)
        from jem_tui.jem.assemble import open_trainer

        return open_trainer(config, run_dir, resume, report)

    return open_source


def choose_face(no_ui: bool, json_lines: bool) -> Callable[[OpenSource, Path, str], int]:
    """The screen on a capable terminal, else plain output; each returns the exit code."""
    from jem_tui.cli.headless import run_json, run_plain, run_progress
    from jem_tui.cli.screen import run_screen

    if json_lines:
        return run_json
    if sys.stdout.isatty() and not no_ui and os.environ.get("TERM") != "dumb":
        return run_screen
    return run_progress if sys.stdout.isatty() and os.environ.get("TERM") != "dumb" else run_plain
