"""Rules for which folders are runs, and which folders belong to the run of a parent folder.

A folder with a `run.json` is a run. A folder with event files of another program is a run together with every folder below, as
`SummaryWriter.add_scalars` and `add_hparams` make them. A folder without event files of its own is one run if everything in it
is named after splits of the data, such as `train` and `validation` of Keras. Otherwise the folders in it are runs of their own.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from jem_tui.errors import InputError
from jem_tui.printable import printable
from jem_tui.run_files import RUN_FILE
from jem_tui.stream.runs.folder_walk import MOST_FOLDERS, Folder, Search, inspect_folder, search
from jem_tui.stream.runs.run_dir import default_root

SPLITS = frozenset({"train", "training", "val", "valid", "validation", "eval", "evaluation", "test", "testing", "dev"})
"""Names of folders that hold a part of a run."""
_KINDS_OF_SPLITS = SPLITS | {"infer", "inference", "predict", "prediction"}
_SHOWN = 3
"""Folders that a sentence names."""


@dataclass(frozen=True, slots=True)
class RunFolder:
    """A run of this program or of another one."""

    path: Path
    ours: bool
    files: tuple[Path, ...]
    """Event files of the run, those in its sub-folders included."""


@dataclass(frozen=True, slots=True)
class Runs:
    """The runs in and below a folder."""

    runs: Sequence[RunFolder]
    left_out: str = ""
    """A sentence on folders that could not be searched, or ""."""


def searched_folder(given: Path | None = None) -> Path:
    """Return the folder `given`, by default ./runs; where that is missing, the working folder if runs lie directly in it."""
    if given is not None:
        return given
    root, here = default_root(), Path()
    return here if not root.exists() and _holds_runs(here) else root


def _holds_runs(folder: Path) -> bool:
    """Return whether a folder, or a folder in it, is a run of this program; no deeper, as the folder may be the user's home."""
    try:
        return next(chain(folder.glob(RUN_FILE), folder.glob(f"*/{RUN_FILE}")), None) is not None
    except OSError:
        return False


def runs_below(root: Path) -> Runs:
    """Find every run in and below the folder `root`. Raises InputError if the folder is missing or unreadable."""
    if not root.is_dir():
        raise InputError(
            f"There is no folder {root}.", "Pass a folder that contains runs, or train a run with jem-tui train."
        )
    found = search(root)
    if not found.folders:
        raise InputError(f"The folder {root} cannot be read.", "Check its permissions.")
    return Runs(as_runs(found.folders), _left_out(root, found))


def run_files(logdir: Path) -> tuple[Path, ...]:
    """Return the event files of the only run in or below a folder. Raises InputError where there are several runs or no such folder."""
    if is_own_run(logdir):
        return inspect_folder(logdir).files
    runs = [run for run in runs_below(logdir).runs if run.files]
    if len(runs) > 1 and runs[0].path != logdir:
        raise InputError(
            f"{logdir} holds {len(runs):,} runs.", f"Choose one run: {listed([run.path for run in runs])}."
        )
    return runs[0].files if runs else ()


def is_own_run(path: Path) -> bool:
    """Return whether a folder is a run of this program that has begun to record."""
    try:
        folder = inspect_folder(path)
    except OSError:
        return False
    return folder.ours and bool(folder.files)


def listed(paths: Sequence[Path]) -> str:
    """List the first paths as in a sentence, and the number of further paths."""
    names = ", ".join(printable(str(path)) for path in paths[:_SHOWN])
    return f"{names} and {len(paths) - _SHOWN:,} more" if len(paths) > _SHOWN else names


def as_runs(folders: Sequence[Folder]) -> list[RunFolder]:
    """Group folders, parents before children, into runs in the order of the folders."""
    splits = _with_splits_alone(folders)
    run_of: list[int | None] = []
    files: dict[int, list[Path]] = defaultdict(list)
    for place, folder in enumerate(folders):
        above = run_of[folder.parent] if folder.parent >= 0 else None
        joins = above is not None and not folders[above].ours and not folder.ours
        begins = folder.ours or bool(folder.files) or place in splits
        run = above if joins else place if begins else None
        run_of.append(run)
        if run is not None:
            files[run].extend(folder.files)
    return [RunFolder(folders[place].path, folders[place].ours, tuple(own)) for place, own in files.items()]


def _with_splits_alone(folders: Sequence[Folder]) -> set[int]:
    """Return the folders that the names in them make one run: at least one is a split with event files, and all others are split-like."""
    filled = {place for place, folder in enumerate(folders) if folder.ours or folder.files}
    for place in range(len(folders) - 1, 0, -1):
        if place in filled:
            filled.add(folders[place].parent)
    children: dict[int, list[Folder]] = defaultdict(list)
    for place in sorted(filled):
        children[folders[place].parent].append(folders[place])
    return {
        place
        for place, within in children.items()
        if place >= 0 and all(_is_like_a_split(child) for child in within) and any(_is_split(child) for child in within)
    }


def _is_split(folder: Folder) -> bool:
    return folder.path.name.lower() in SPLITS and bool(folder.files) and not folder.ours


def _is_like_a_split(folder: Folder) -> bool:
    return not _KINDS_OF_SPLITS.isdisjoint(re.split(r"[\W_]+", folder.path.name.lower()))


def _left_out(root: Path, found: Search) -> str:
    """Return a sentence on the folders that were not searched, or ""."""
    parts = []
    if found.unreadable:
        count = len(found.unreadable)
        what = "folder cannot be read and is" if count == 1 else "folders cannot be read and are"
        parts.append(f"{count:,} {what} left out: {listed(found.unreadable)}.")
    if not found.complete:
        parts.append(f"Only the first {MOST_FOLDERS:,} folders below {printable(str(root))} were searched.")
    return " ".join(parts)
