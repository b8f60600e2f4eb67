"""Registration of all commands, or for a fast start only of the command that the command line names."""

from __future__ import annotations

import gc
import os
from collections.abc import Mapping, Sequence
from importlib import import_module
from itertools import takewhile
from typing import Any

import typer

from jem_tui.cli.terminal import ASCII_VARIABLE
from jem_tui.version import __version__

COMMANDS: Mapping[str, str] = {
    "train": "train:train",
    "demo": "demo:demo",
    "sweep": "sweep:sweep",
    "attach": "attach:attach",
    "replay": "replay:replay",
    "sample": "sample:sample",
    "eval": "eval:evaluate",
    "draw": "draw:draw",
    "export": "export:export",
    "browse": "browsing.browse:browse",
    "runs": "runs:runs",
    "compare": "browsing.compare:compare",
    "serve": "serving.serve:serve",
    "watch": "watch:watch",
    "config": "config:show_config",
    "doctor": "doctor:doctor",
    "bridge": "bridge:bridge",
}
"""The module and the function of each command below `jem_tui.cli`, in the order of the help."""
FOREIGN_OPTIONS: Mapping[str, dict[str, Any]] = {
    "sweep": {"ignore_unknown_options": True},
    "serve": {"ignore_unknown_options": True, "allow_interspersed_args": False},
    "watch": {"ignore_unknown_options": True, "allow_interspersed_args": False},
}
"""Settings of Click for commands that take the options of another command or script."""


def call(words: list[str]) -> object:
    """Carry out a command line of `jem-tui`. Raises SystemExit."""
    return make_app(named_commands(words))(words)


def named_commands(words: Sequence[str]) -> Sequence[str]:
    """Return the command that a command line names; all commands where it names none, as for the help and for completion in the shell."""
    options = list(takewhile(lambda word: word.startswith("-"), words))
    name = next(iter(words[len(options) :]), "")
    # With the option before the command, the help is that of all commands
    return [name] if name in COMMANDS and "--help" not in options else list(COMMANDS)


def make_app(names: Sequence[str] = tuple(COMMANDS)) -> typer.Typer:
    """Return the Typer application with some commands, whose modules are imported."""
    app = typer.Typer(
        name="jem-tui",
        help="Train Joint Energy-based Models and watch and steer their Langevin chains in the terminal.",
        epilog="Exit codes: 0 done or stopped, 1 failed, 2 wrong usage or input, 3 diverged, 130 interrupted.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    for name in names:
        module, _, function = COMMANDS[name].partition(":")
        command = getattr(import_module(f"jem_tui.cli.{module}"), function)
        app.command(name, context_settings=FOREIGN_OPTIONS.get(name))(command)
    app.callback()(options)
    return app


def print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"jem-tui {__version__}")
        raise typer.Exit


def options(
    version: bool = typer.Option(False, "--version", callback=print_version, is_eager=True, help="Show the version."),
    ascii_: bool = typer.Option(
        False, "--ascii", help="Draw the screen with ASCII characters only (same as JEM_TUI_ASCII=1)."
    ),
) -> None:
    """Train Joint Energy-based Models and watch and steer their Langevin chains in the terminal."""
    # Click calls this before the command
    gc.enable()
    if ascii_:
        os.environ[ASCII_VARIABLE] = "1"
