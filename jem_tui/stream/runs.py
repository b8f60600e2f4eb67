"""The runs below a folder: what each is, how far it came, and whether it is still going."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from filelock import FileLock, Timeout

from jem_tui.errors import InputError
from jem_tui.stream.rundir import LOCK_FILE, RUN_FILE, RunFile, Status, read_run_file

State = Status | Literal["crashed", "damaged", "foreign"]
DEPTH = 4
"""Levels of folders that are searched."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A run folder, and what its `run.json` says; empty or None where it says nothing."""

    path: Path
    state: State
    preset: str = ""
    data: str = ""
    step: int | None = None
    images: int | None = None
    accuracy: float | None = None
    """The latest on held-out images, a fraction."""
    updated: float
    """Unix seconds of the last change of its recording."""


def find_runs(root: Path) -> list[Found]:
    """Every run in or below `root`, the latest first. Raises InputError if there is no such folder."""
    if not root.is_dir():
        raise InputError(f"There is no folder {root}.", "Name a folder with runs, or make one with jem-tui train.")
    return sorted((_look(path) for path in _folders(root, DEPTH)), key=lambda run: -run.updated)


def is_being_written(run_dir: Path) -> bool:
    """Whether a process holds the run: its lock dies with it, whatever `run.json` still says."""
    path = run_dir / LOCK_FILE
    if not path.exists() or not os.access(path, os.W_OK):
        return False
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    lock.release()
    return False


def _folders(root: Path, depth: int) -> Iterator[Path]:
    """Folders with a run in them: there are none inside those of this program, and only such in those of others."""
    try:
        entries = sorted(root.iterdir())
    except OSError:
        return
    names = [entry.name for entry in entries]
    within = [entry for entry in entries if entry.is_dir() and not entry.is_symlink()] if depth else []
    if RUN_FILE in names:
        yield root
    elif any("tfevents" in name for name in names):
        yield root
        found = (path for entry in within for path in _folders(entry, depth - 1))
        yield from (path for path in found if (path / RUN_FILE).exists())
    else:
        for entry in within:
            yield from _folders(entry, depth - 1)


def _look(path: Path) -> Found:
    updated = _last_change(path)
    if not (path / RUN_FILE).exists():
        return Found(path=path, state="foreign", updated=updated)
    try:
        run = read_run_file(path)
    except InputError:
        return Found(path=path, state="damaged", updated=updated)
    return Found(
        path=path,
        state=_state(path, run),
        preset=str(run.config.get("preset", "")),
        data=_data(run.config),
        step=run.step,
        images=run.images,
        accuracy=run.accuracy,
        updated=max(updated, run.updated),
    )


def _state(path: Path, run: RunFile) -> State:
    if run.status != "running":
        return run.status
    return "running" if is_being_written(path) else "crashed"


def _data(config: Any) -> str:
    section = config.get("data")
    return str(section.get("name", "")) if isinstance(section, dict) else ""


def _last_change(path: Path) -> float:
    times = [entry.stat().st_mtime for entry in path.glob("*tfevents*")]
    return max(times, default=path.stat().st_mtime)
