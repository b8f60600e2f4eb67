"""`jem-tui replay`: recorded runs on the same screen, or their last state printed once."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jem_tui.cli.terminal import attended_terminal, tell_left_out
from jem_tui.errors import InputError

if TYPE_CHECKING:
    from jem_tui.stream.drive import OpenSource, Report, Source

LOOK_AGAIN = 0.8
"""Seconds between two looks at a run that is followed."""


def replay(
    logdirs: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="LOGDIR...",
            help="Run folders, or any folders of TensorBoard event files (default: the newest below ./runs).",
        ),
    ] = None,
    once: Annotated[
        bool, typer.Option("--once", help="Print the final curves and the last samples, and exit.")
    ] = False,
    follow: Annotated[
        bool, typer.Option("--follow", help="Start at the end, and show what is still being written as it comes.")
    ] = False,
    speed: Annotated[float, typer.Option(metavar="X", help="Multiple of the recorded pace, 0.01 to 1000.")] = 8.0,
) -> None:
    """Play recorded runs back on the screen; nothing is trained and torch is not needed."""
    if not 0.01 <= speed <= 1000:
        raise InputError(f"--speed is {speed:g}.", "It must be a number from 0.01 to 1000.")
    if once and follow:
        raise InputError("--once and --follow contradict each other.", "Give one of them.")
    found = logdirs or [newest_run()]
    if once or not attended_terminal():
        print_all(found)
        return
    from jem_tui.cli.screen import run_replay_screen

    patience = LOOK_AGAIN if follow else math.inf
    label = f"replay of {', '.join(logdir.name for logdir in found)}"
    open_source = replayer_opener(found, speed, patience)
    raise typer.Exit(run_replay_screen(open_source, found[0], label))


def newest_run() -> Path:
    """The run below the default folder that was written to last; InputError where there is none."""
    from jem_tui.stream.rundir import default_root

    root = default_root()
    files = sorted(root.glob("*/*tfevents*"), key=lambda path: path.stat().st_mtime)
    if not files:
        raise InputError(f"There is no run below {root}/.", "Name a run folder, or make one with jem-tui train.")
    return files[-1].parent


def print_all(logdirs: Sequence[Path]) -> None:
    """The last state of each run, one after the other, under their names if there are several."""
    from rich.console import Console

    from jem_tui.stream.printable import printable
    from jem_tui.stream.reader import event_files
    from jem_tui.stream.summary import once

    for logdir in logdirs:
        event_files(logdir)  # what cannot be read is said before anything is printed
    console = Console()
    for logdir in logdirs:
        if len(logdirs) > 1:
            console.print(printable(str(logdir)), style="bold", highlight=False, markup=False)
        tell_left_out(logdir, once(logdir, console))


def replayer_opener(logdirs: Sequence[Path], speed: float, patience: float = math.inf) -> OpenSource:
    """What builds the replayer on the thread that will own it; runs that are followed may have no events yet."""

    from jem_tui.stream.printable import printable

    def open_source(report: Report) -> Source:
        report(printable(f"reading {', '.join(map(str, logdirs))}"), None)
        from jem_tui.stream.reader import NoEventsYetError
        from jem_tui.stream.replayer import Replayer

        while True:
            try:
                return Replayer(logdirs, speed, patience=patience)
            except NoEventsYetError as error:
                if math.isinf(patience):
                    raise
                report(f"{error.message} Waiting for the first ones.", None)
                time.sleep(patience)

    return open_source
