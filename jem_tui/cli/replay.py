"""`jem-tui replay`: a recorded run on the same screen, or its last state printed once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jem_tui.cli.terminal import capable_terminal
from jem_tui.errors import InputError

if TYPE_CHECKING:
    from jem_tui.stream.drive import OpenSource, Report, Source


def replay(
    logdir: Annotated[
        Path, typer.Argument(metavar="LOGDIR", help="A run folder, or any folder of TensorBoard event files.")
    ],
    once: Annotated[
        bool, typer.Option("--once", help="Print the final curves and the last samples, and exit.")
    ] = False,
    speed: Annotated[float, typer.Option(metavar="X", help="Multiple of the recorded pace, 0.01 to 1000.")] = 8.0,
) -> None:
    """Play a recorded run back on the screen; nothing is trained and torch is not needed."""
    if not 0.01 <= speed <= 1000:
        raise InputError(f"--speed is {speed:g}.", "It must be a number from 0.01 to 1000.")
    if once or not capable_terminal():
        from rich.console import Console

        from jem_tui.stream.summary import once as print_once

        print_once(logdir, Console())
        return
    from jem_tui.cli.screen import run_replay_screen

    raise typer.Exit(run_replay_screen(replayer_opener(logdir, speed), logdir, f"replay of {logdir.name}"))


def replayer_opener(logdir: Path, speed: float) -> OpenSource:
    """What builds the replayer on the thread that will own it."""

    def open_source(report: Report) -> Source:
        report(f"reading {logdir}", None)
        from jem_tui.stream.replayer import Replayer

        return Replayer(logdir, speed)

    return open_source
