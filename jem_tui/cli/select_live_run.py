"""Selection of a live run of this machine, by its folder, by its name, or from a list."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from jem_tui.cli.messages import say
from jem_tui.cli.select_runs import the_run
from jem_tui.errors import InputError
from jem_tui.printable import printable
from jem_tui.user_folders import expanded

if TYPE_CHECKING:
    from jem_tui.stream.attach.door_file import DoorFile

MOST_LISTED = 20
"""Maximum number of runs in the list; the newest come first."""


def select_live_run(name: str) -> DoorFile:
    """Return the door of the live run in or below a folder, or below ./runs; of any live run of this machine if `name` is empty.

    Of several runs the user chooses one. Raises InputError where no run can be joined, and where several are and no user can choose.
    """
    from jem_tui.stream.attach.door_file import live_door, live_doors

    if name:
        place = run_folder(name)
        doors = doors_below(place)
        if not doors:
            refuse_without_door(place)
            return live_door(the_run(place))
    else:
        doors = sorted(live_doors(), key=_is_elsewhere)
    if not doors:
        raise InputError(
            "No run is live on this machine.",
            "Start one with jem-tui train, or replay a recorded run with jem-tui replay.",
        )
    return doors[0] if len(doors) == 1 else chosen(doors)


def _is_elsewhere(door: DoorFile) -> bool:
    """Return whether the folder of a run is not below the working folder."""
    return not Path(door.run_dir).is_relative_to(Path.cwd())


def doors_below(place: Path) -> list[DoorFile]:
    """Return the doors of this user's live runs in and below a folder, newest first."""
    from jem_tui.stream.attach.door_file import is_live, read_door
    from jem_tui.stream.runs.find_runs import runs_below

    named = (read_door(run.path) for run in runs_below(place).runs)
    return sorted((door for door in named if door and is_live(door)), key=lambda door: door.opened, reverse=True)


def run_folder(name: str) -> Path:
    """Return the folder `name`, or else the folder of that name below ./runs. Raises InputError if there is neither."""
    from jem_tui.stream.runs.run_dir import default_root

    for place in (expanded(name), default_root() / name):
        if place.is_dir():
            return place
    raise InputError(
        f"There is no run {printable(name)}, neither here nor below {default_root()}/.",
        "Pass a run folder; jem-tui runs lists the recorded ones.",
    )


def refuse_without_door(place: Path) -> None:
    """Raise InputError if a run is being written in a folder that has no door at all."""
    from jem_tui.stream.attach.door_file import read_door
    from jem_tui.stream.runs.run_lock import is_being_written

    if is_being_written(place) and read_door(place) is None:
        shown = printable(str(place))
        raise InputError(
            f"The run in {shown} is live, but accepts no viewers.",
            f"Its door was left out (--no-door) or has failed, which a note explains. Follow its recording with jem-tui replay --follow {shown}.",
        )


def chosen(doors: Sequence[DoorFile]) -> DoorFile:
    """Let the user choose one of several live runs. Raises InputError without a terminal, and KeyboardInterrupt."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        from jem_tui.stream.runs.find_runs import listed

        folders = listed([Path(door.run_dir) for door in doors])
        raise InputError(f"{len(doors)} runs are live on this machine.", f"Pass the folder of a run: {folders}.")
    say(f"{len(doors)} runs are live on this machine, those of this folder first, then the newest first.")
    offered = doors[:MOST_LISTED]
    for number, door in enumerate(offered, 1):
        print(f"{number:>4}  {described(door)}", file=sys.stderr)
    try:
        return offered[_number_up_to(len(offered)) - 1]
    except typer.Abort:
        raise KeyboardInterrupt from None


def _number_up_to(most: int) -> int:
    """Ask for a number until it is in the list; the newest run is the default."""
    while True:
        number: int = typer.prompt(f"Number of the run, 1 to {most}", default=1, type=int, err=True)
        if 1 <= number <= most:
            return number


def described(door: DoorFile) -> str:
    """Return the folder of a live run, its step, and how long ago it was started."""
    from jem_tui.cli.runs import ago
    from jem_tui.stream.runs.run_dir import read_run_file

    try:
        step = f"step {read_run_file(Path(door.run_dir)).step:,}  "
    except InputError:
        step = ""
    return printable(f"{door.run_dir}  {step}started {ago(time.time() - door.opened)}")
