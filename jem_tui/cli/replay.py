"""`jem-tui replay`: recorded runs on the screen of `train`, or their final state printed."""

from __future__ import annotations

import json
import math
import shlex
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from jem_tui.cli.messages import report_left_out, say
from jem_tui.cli.open_replayer import replayer_opener
from jem_tui.cli.process_setup import limit_threads_of_numpy
from jem_tui.cli.select_runs import for_each, found_runs
from jem_tui.cli.terminal import attended_terminal
from jem_tui.errors import InputError

MOST_TOGETHER = 40
"""Number of runs that one screen shows."""
MOST_NAMED = 4
POLL_SECONDS = 0.8
"""Seconds between two reads of a followed log."""
DEFAULT_SPEED = 8.0
"""Multiple of the recorded pace."""

Logdirs = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="LOGDIR...",
        help="Run folders, folders of TensorBoard event files, or folders with runs at any depth (default: the newest below ./runs).",
    ),
]
Once = Annotated[bool, typer.Option("--once", help="Print the final curves and the last samples, and exit.")]
Json = Annotated[bool, typer.Option("--json", help="Print the final values as one JSON object for each run, and exit.")]
Follow = Annotated[bool, typer.Option("--follow", help="Start at the end, and show new events as they are written.")]
Speed = Annotated[float, typer.Option(metavar="X", help="Multiple of the recorded pace, 0.01 to 1000.")]


def replay(
    logdirs: Logdirs = None,
    once: Once = False,
    json_lines: Json = False,
    follow: Follow = False,
    speed: Speed = DEFAULT_SPEED,
) -> None:
    """Replay recorded runs on the screen, without training and without torch."""
    limit_threads_of_numpy()
    if follow and (once or json_lines):
        raise InputError(
            f"--{'once' if once else 'json'} and --follow contradict each other.", "Use only one of these options."
        )
    found = replayed_runs(logdirs, speed)
    if json_lines:
        for_each(found, print_json)
        return
    live = len(found) == 1 and is_live_here(found[0])
    if once or not attended_terminal():
        if live:
            say(f"The run is live; attach to it with: {shlex.join(['jem-tui', 'attach', str(found[0])])}")
        print_all(found)
        return
    from jem_tui.cli.screens.replay_screen import run_replay_screen

    patience = POLL_SECONDS if follow else math.inf
    together = at_most_together(found)
    open_source = replayer_opener(together, speed, patience)
    label = f"replay of {named(together)}"
    attach = partial(attach_to, found[0]) if live else None
    raise typer.Exit(run_replay_screen(open_source, together[0], label, partial(print_all, together), attach))


def replayed_runs(logdirs: Sequence[Path] | None, speed: float) -> list[Path]:
    """Return the runs to replay, by default the newest one. Raises InputError if there are none, or for an impossible speed."""
    if not 0.01 <= speed <= 1000:
        raise InputError(f"--speed is {speed:g}.", "It must be a number from 0.01 to 1000.")
    return found_runs(logdirs) if logdirs else [newest_run()]


def is_live_here(run_dir: Path) -> bool:
    """Return whether a run is live on this machine and can be joined."""
    from jem_tui.stream.attach.door_file import is_live, read_door

    door = read_door(run_dir)
    return door is not None and is_live(door)


def attach_to(run_dir: Path) -> int:
    """Display a live run in place of its recording, and return the exit code."""
    from jem_tui.cli.attach import local_run
    from jem_tui.cli.screens.attached_run import display

    return display(local_run(str(run_dir)), view_only=False)


def newest_run() -> Path:
    """Return the most recently changed run below the folder that is searched by default. Raises InputError if there is none."""
    from jem_tui.stream.runs.catalog import last_change
    from jem_tui.stream.runs.find_runs import runs_below, searched_folder

    root = searched_folder()
    runs = [run for run in runs_below(root).runs if run.files] if root.is_dir() else []
    if not runs:
        raise InputError(f"There is no run below {root}/.", "Pass a run folder, or train a run with jem-tui train.")
    return max(runs, key=last_change).path


def at_most_together(runs: Sequence[Path]) -> Sequence[Path]:
    """Return the first `MOST_TOGETHER` runs, and report on stderr if there are more."""
    if len(runs) > MOST_TOGETHER:
        say(
            f"{len(runs):,} runs were found; only the first {MOST_TOGETHER} are replayed. To replay other runs, list their folders."
        )
    return runs[:MOST_TOGETHER]


def named(runs: Sequence[Path]) -> str:
    """Return the names of a few runs, or the number of many."""
    return ", ".join(run.name for run in runs) if len(runs) <= MOST_NAMED else f"{len(runs)} runs"


def print_all(logdirs: Sequence[Path]) -> None:
    """Print the final state of each run, under its name if there are several."""
    from rich.console import Console

    from jem_tui.printable import printable
    from jem_tui.stream.console.summary import once

    console = Console()

    def print_one(logdir: Path) -> None:
        if len(logdirs) > 1:
            console.print(printable(str(logdir)), style="bold", highlight=False, markup=False, soft_wrap=True)
        report_left_out(logdir, once(logdir, console))

    for_each(logdirs, print_one)


def print_json(logdir: Path) -> None:
    """Print the final values of a run, and counts of left-out content, as a line of JSON."""
    from jem_tui.stream.console.final_values import final_json

    print(json.dumps(final_json(logdir), allow_nan=False))
