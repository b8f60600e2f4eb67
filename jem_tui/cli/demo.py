"""`jem-tui demo`: a recorded run that is part of the package, with a tour of the screen."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from jem_tui.cli.open_replayer import replayer_opener
from jem_tui.cli.process_setup import limit_threads_of_numpy
from jem_tui.cli.replay import print_all
from jem_tui.cli.terminal import attended_terminal
from jem_tui.errors import InputError
from jem_tui.run_files import RUN_FILE

LABEL = "a recorded run on handwritten digits"
SPEED = 1.0
"""Multiple of the recorded pace, at which the run takes two and a half minutes, longer than the tour."""
PACKAGE = Path(__file__).resolve().parents[1]
PLACES = (PACKAGE / "demo", PACKAGE.parent / "results" / "demo")
"""Folders of the recorded run: in an installed package, and in a source checkout."""


def demo(
    no_tour: Annotated[bool, typer.Option("--no-tour", help="Play the run without the tour of the screen.")] = False,
) -> None:
    """Play a recorded run with a tour of the screen in five steps: nothing is trained or downloaded."""
    limit_threads_of_numpy()
    run_dir = demo_run()
    if not attended_terminal():
        print_all([run_dir])
        return
    from jem_tui.cli.screens.replay_screen import run_replay_screen

    opener, shown = replayer_opener([run_dir], SPEED), partial(print_all, [run_dir])
    raise typer.Exit(run_replay_screen(opener, run_dir, LABEL, shown, tour=not no_tour, of_package=True))


def demo_run() -> Path:
    """Return the folder of the recorded run. Raises InputError if this installation has none."""
    found = next((place for place in PLACES if (place / RUN_FILE).is_file()), None)
    if found is None:
        raise InputError("This installation lacks the recorded run of the demo.", "Install jem-tui again.")
    return found
