"""A catalog of the runs below a folder: state, progress and settings of each run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from jem_tui.errors import InputError
from jem_tui.stream.runs.find_runs import RunFolder, runs_below
from jem_tui.stream.runs.run_dir import RunFile, Status, read_run_file
from jem_tui.stream.runs.run_labels import read_labels
from jem_tui.stream.runs.run_lock import is_being_written

State = Status | Literal["crashed", "damaged", "foreign"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundRun:
    """A run folder with the content of its `run.json`; empty or None where that says nothing."""

    path: Path
    state: State
    preset: str = ""
    data: str = ""
    step: int | None = None
    images: int | None = None
    accuracy: float | None = None
    """The accuracy of the newest evaluation, a fraction."""
    accuracy_split: str | None = None
    """The images of that evaluation, such as `validation` or `test`; None where unknown."""
    updated: float
    """Unix seconds of the recording's last change."""
    reason: str = ""
    """The reason why `run.json` cannot be read, in a sentence."""
    tags: tuple[str, ...] = ()
    note: str = ""
    """Tags and a note that the user has given to the run."""


def find_runs(root: Path) -> tuple[list[FoundRun], str]:
    """Return every run in or below `root`, the latest first, and a sentence on unsearched folders or "".

    Raises InputError if there is no such folder.
    """
    below = runs_below(root)
    return sorted((inspect_run(run) for run in below.runs), key=lambda run: -run.updated), below.left_out


def last_change(run: RunFolder) -> float:
    """Return the time of a run's last change in Unix seconds: of its event files, or of the folder without event files."""
    return max(_times(run.files), default=0.0) or max(_times([run.path]), default=0.0)


def inspect_run(folder: RunFolder) -> FoundRun:
    """Return what the files of a run folder state about the run; a `run.json` that cannot be read makes the run damaged."""
    path, updated, labels = folder.path, last_change(folder), read_labels(folder.path)
    tags, note = labels.tags, labels.note
    if not folder.ours:
        return FoundRun(path=path, state="foreign", updated=updated, tags=tags, note=note)
    try:
        run = read_run_file(path)
    except InputError as error:
        return FoundRun(path=path, state="damaged", updated=updated, reason=error.message, tags=tags, note=note)
    return FoundRun(
        path=path,
        state=state_of(path, run),
        preset=run.config.get("preset", ""),
        data=run.config.get("data", {}).get("name", ""),
        step=run.step,
        images=run.images,
        accuracy=run.accuracy,
        accuracy_split=run.accuracy_split,
        updated=max(updated, run.updated),
        tags=tags,
        note=note,
    )


def state_of(path: Path, run: RunFile) -> Status | Literal["crashed"]:
    """Return the state in `run.json`; a run that should be running but that no process writes has crashed."""
    if run.status != "running":
        return run.status
    return "running" if is_being_written(path) else "crashed"


def _times(paths: Iterable[Path]) -> Iterator[float]:
    """Yield the times of change of all files that still exist."""
    for path in paths:
        with suppress(OSError):
            yield path.stat().st_mtime
