"""Selection of runs by folder: the folder itself, or every run below it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from jem_tui.cli.messages import say
from jem_tui.errors import InputError


def found_runs(places: Sequence[Path]) -> list[Path]:
    """Return the folders of all runs in and below `places`. A run of this program, an event file or a folder without runs is returned itself.

    Folders that cannot be searched are reported on stderr. Raises InputError if a place does not exist.
    """
    return [run for place in places for run in _runs(place)]


def the_run(place: Path) -> Path:
    """Return the folder of the only run of this program in or below `place`, or `place` itself if there is none.

    Raises InputError if there are several.
    """
    from jem_tui.run_files import RUN_FILE
    from jem_tui.stream.runs.find_runs import listed, runs_below

    if not place.is_dir() or (place / RUN_FILE).exists():
        return place
    runs = [run.path for run in runs_below(place).runs if run.ours]
    if len(runs) > 1:
        raise InputError(f"{place} holds {len(runs):,} runs.", f"Choose one run: {listed(runs)}.")
    return runs[0] if runs else place


def for_each(runs: Sequence[Path], deal_with: Callable[[Path], None]) -> None:
    """Call a function with every run. A run that cannot be read is reported on stderr, and the next run follows.

    Raises InputError if no run can be read.
    """
    unread = 0
    for run in runs:
        try:
            deal_with(run)
        except InputError as error:
            unread += 1
            if unread == len(runs):
                raise
            say(str(error))


def _runs(place: Path) -> Iterator[Path]:
    from jem_tui.stream.runs.find_runs import is_own_run, runs_below

    if place.is_file() or is_own_run(place):
        yield place
        return
    if not place.is_dir():
        raise InputError(f"There is no folder {place}.", "Pass the folder of a recorded run, such as one under runs/.")
    below = runs_below(place)
    if below.left_out:
        say(below.left_out)
    runs = [run.path for run in below.runs if run.files]
    yield from runs or [place]
