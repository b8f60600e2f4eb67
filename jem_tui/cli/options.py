"""Options of the command line with their help texts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from jem_tui.config.data_sets import NAMES
from jem_tui.config.presets import PRESETS
from jem_tui.config.schema import INITIAL_DISTRIBUTIONS, NETWORKS

Preset = Annotated[
    str,
    typer.Option(metavar="NAME", help=f"Recipe to start from: {', '.join(PRESETS)} (default: {next(iter(PRESETS))})."),
]
ConfigFile = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Settings in TOML, as `jem-tui config` prints them.")
]
Words = Annotated[
    list[str] | None,
    typer.Option("-s", "--set", metavar="SECTION.KEY=VALUE", help="One setting, e.g. -s sgld.steps=10; repeatable."),
]
Data = Annotated[
    str,
    typer.Option(
        metavar="NAME|DIR",
        help=f"Data set: {', '.join(NAMES)} (default: {NAMES[0]}), a folder with one sub-folder for each class, module:function, or an installed plug-in.",
    ),
]
HeldOutClasses = Annotated[
    list[str] | None,
    typer.Option(
        "--hold-out-class",
        metavar="CLASS",
        help="Leave a class, by name or number, out of training; `eval` then asks whether its images are detected as new; repeatable.",
    ),
]
Network = Annotated[
    str,
    typer.Option(
        metavar="NAME",
        help=f"Network: {', '.join(NETWORKS)} (default: {NETWORKS[0]}), module:class, or an installed plug-in; with --resume, a module:class of the run must be repeated.",
    ),
]
Sampler = Annotated[
    str,
    typer.Option(
        metavar="NAME",
        help="Sampler: sgld (default), mala, underdamped, tempered, module:function, or an installed plug-in.",
    ),
]
Init = Annotated[
    str,
    typer.Option(
        metavar="NAME",
        help=f"Initial distribution of chains: {', '.join(INITIAL_DISTRIBUTIONS)}, module:function, or an installed plug-in.",
    ),
]
Metrics = Annotated[
    list[str] | None,
    typer.Option(
        "--metric", metavar="NAME", help="Further metric: module:function or an installed plug-in; repeatable."
    ),
]
DataDir = Annotated[
    str,
    typer.Option(
        metavar="DIR",
        help="Folder of downloaded data sets (default: the user's cache directory); with --resume, the current location of the run's data.",
    ),
]
MaxSteps = Annotated[
    int | None, typer.Option(metavar="N", min=1, help="End after N optimizer steps, counted from the start of the run.")
]
Minutes = Annotated[
    float | None,
    typer.Option(
        metavar="M",
        min=0.001,
        help="End after M minutes of training, counted from the start of the run without pauses; the learning rate decays over this time.",
    ),
]
Seed = Annotated[int | None, typer.Option(metavar="N", help="Seed of every random number.")]
Device = Annotated[str, typer.Option(metavar="NAME", help="Device: auto (default), cpu, cuda or mps.")]
OnDivergence = Annotated[
    str,
    typer.Option(
        metavar="ACTION",
        help="Reaction to a divergence: rollback (default: to the last good snapshot, with a lower learning rate), stop or ignore.",
    ),
]
RunDir = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="The run folder, new or empty (default: a new one in ./runs)."),
]
Resume = Annotated[Path | None, typer.Option(metavar="RUN", help="Continue a run from its newest checkpoint.")]
Continue = Annotated[
    bool,
    typer.Option(
        "--continue",
        help="Resume the run in --run-dir if there is one, else start it: the same command works every time.",
    ),
]
NumberOfRanks = Annotated[
    int | None,
    typer.Option(
        "--ranks",
        metavar="N",
        min=1,
        help="Train on N ranks: processes on this machine, each with one GPU or a share of the CPU cores.",
    ),
]
NoUi = Annotated[
    bool, typer.Option("--no-ui", help="Train without the screen (the default when stdout is not a terminal).")
]
Json = Annotated[bool, typer.Option("--json", help="Train without the screen and print each event as a line of JSON.")]
NoDoor = Annotated[
    bool,
    typer.Option("--no-door", help="Open no door: `jem-tui attach` can neither watch nor steer the run."),
]
