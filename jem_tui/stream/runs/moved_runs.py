"""Renaming and deletion of recorded runs, never of one that is being written."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from jem_tui.atomic_file import remove_whole
from jem_tui.errors import InputError
from jem_tui.printable import printable
from jem_tui.run_files import RUN_FILE
from jem_tui.stream.runs.catalog import last_change
from jem_tui.stream.runs.find_runs import runs_below
from jem_tui.stream.runs.run_dir import read_run_file
from jem_tui.stream.runs.run_lock import refuse_locked, take_run_lock

TRASH = ".trash"
"""Folder for deleted runs in the folder of the runs; the search for runs skips hidden folders."""
LONGEST_NAME = 200
"""Maximum number of bytes of the name of a run."""
RECENT = 60.0
"""Seconds after its last change within which a run that does not state its end counts as live, even without a visible lock."""
RECENT_OF_OTHERS = 300.0
"""Seconds for a log of another program, which takes no lock, and whose writer flushes every 120 seconds by default."""


def rename_run(path: Path, name: str) -> Path:
    """Rename a run folder and return its new path. Raises InputError if the name cannot be used, or the run is live."""
    name = name.strip()
    if not name or name.startswith(".") or "/" in name or not name.isprintable() or os.sep in name:
        raise InputError(
            "The name of a run is one line without a slash, and does not begin with a dot.", "Choose another name."
        )
    if len(os.fsencode(name)) > LONGEST_NAME:
        raise InputError(f"The name of a run has at most {LONGEST_NAME} bytes.", "Choose a shorter name.")
    target = path.with_name(name)
    if target == path:
        return path
    with _held(path):
        _move(path, target)
    return target


def trash_run(path: Path, root: Path) -> Path:
    """Move a run of this program into the folder `TRASH` of `root`, and return its new path. Raises InputError and keeps the run otherwise."""
    folder = root / TRASH
    with _held(path, deleted=True):
        try:
            folder.mkdir(exist_ok=True)
        except OSError as error:
            raise InputError(f"{folder} cannot be created: {error.strerror}.", "The run was not deleted.") from error
        if folder.is_symlink():
            raise InputError(f"{folder} is a link.", "Remove the link; the run was not deleted.")
        names = (path.name if number == 1 else f"{path.name}-{number}" for number in count(1))
        target = next(folder / name for name in names if not os.path.lexists(folder / name))
        _move(path, target)
    return target


def delete_run(path: Path) -> None:
    """Delete the folder of a run of this program with everything in it. Raises InputError."""
    with _held(path, deleted=True):
        try:
            remove_whole(path)
        except OSError as error:
            raise InputError(
                f"{path} cannot be deleted completely: {error.strerror}.", "Check its permissions."
            ) from error


@contextmanager
def _held(path: Path, *, deleted: bool = False) -> Iterator[None]:
    """Lock a run so that no other process writes into it meanwhile. Raises InputError if the run is live or may not be changed."""
    shown = printable(str(path))
    if path.is_symlink():
        raise InputError(f"{shown} is a link.", "Change the folder that it points to.")
    if not path.is_dir():
        raise InputError(f"{shown} is no longer there.", "Another program has moved or deleted it.")
    ours = (path / RUN_FILE).exists()
    if deleted and not ours:
        raise InputError(
            f"{shown} was written by another program.", "Delete the folder with the tools of that program."
        )
    _refuse_further_runs(path)
    _refuse_live(path)
    if not ours:
        yield
        return
    try:
        lock = take_run_lock(path)
    except OSError as error:
        raise InputError(f"{shown} cannot be locked: {error.strerror}.", "Nothing was changed.") from error
    try:
        yield
    finally:
        lock.release()


def _refuse_further_runs(path: Path) -> None:
    others = [run.path for run in runs_below(path).runs if run.path != path]
    if others:
        raise InputError(f"{printable(str(path))} contains {len(others):,} further runs.", "Move those first.")


def _refuse_live(path: Path) -> None:
    """Raise InputError if a process writes the run, or may do so on a file system whose locks are not visible here."""
    refuse_locked(path)
    recent = _recent(path)
    changed = max((last_change(run) for run in runs_below(path).runs), default=0.0)
    if time.time() - changed < recent:
        raise InputError(
            f"{printable(str(path))} was written less than {recent:.0f} seconds ago.",
            "It may be live; try again later.",
        )


def _recent(path: Path) -> float:
    """Return the seconds after its last change within which a run counts as live; 0 if its `run.json` states that it has ended."""
    if not (path / RUN_FILE).exists():
        return RECENT_OF_OTHERS
    try:
        return RECENT if read_run_file(path).status == "running" else 0.0
    except InputError:
        return RECENT


def _move(path: Path, target: Path) -> None:
    if os.path.lexists(target):
        raise InputError(f"{printable(str(target))} already exists.", "Choose another name.")
    try:
        path.rename(target)
    except OSError as error:
        raise InputError(
            f"{printable(str(path))} cannot be moved to {printable(str(target))}: {error.strerror}.",
            "The run is unchanged.",
        ) from error
