"""A walk over all folders below a folder, each once: it follows links without looping and skips unreadable folders."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from jem_tui.run_files import CHECKPOINT_FOLDER, RUN_FILE

EVENTS = "tfevents"
"""Part of the names of event files."""
MOST_FOLDERS = 100_000
"""Maximum number of folders in a search."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A readable folder with the content that matters to the search for runs."""

    path: Path
    parent: int
    """Index of the parent in the search, or -1."""
    ours: bool
    """True if the folder has a `run.json`, valid or not."""
    files: tuple[Path, ...]
    """Event files in the folder."""


@dataclass(slots=True)
class Search:
    """All folders in and below a folder, parents before children."""

    folders: list[Folder] = field(default_factory=list)
    unreadable: list[Path] = field(default_factory=list)
    complete: bool = True
    """True if there were no more than `MOST_FOLDERS` folders."""


def search(root: Path, most: int = MOST_FOLDERS) -> Search:
    """Search `root` and every folder below it, except hidden folders and the checkpoints of a run.

    Links are followed last, so that folders below `root` keep their own paths. Unreadable folders are recorded.
    """
    found = Search()
    seen: set[tuple[int, int]] = set()
    near: list[tuple[Path, int]] = [(root, -1)]
    linked: deque[tuple[Path, int]] = deque()
    while near or linked:
        path, parent = near.pop() if near else linked.popleft()
        try:
            stat = path.stat()
            if (stat.st_dev, stat.st_ino) in seen:
                continue
            entries = _entries(path)
        except OSError:
            found.unreadable.append(path)
            continue
        if len(found.folders) == most:
            found.complete = False
            break
        seen.add((stat.st_dev, stat.st_ino))
        folder = _folder(path, parent, entries)
        place = len(found.folders)
        found.folders.append(folder)
        within = [(entry.is_symlink(), (path / entry.name, place)) for entry in _searched(folder, entries)]
        near.extend(child for is_link, child in reversed(within) if not is_link)
        linked.extend(child for is_link, child in within if is_link)
    return found


def inspect_folder(path: Path) -> Folder:
    """Inspect one folder alone. Raises OSError."""
    return _folder(path, -1, _entries(path))


def _entries(path: Path) -> list[os.DirEntry[str]]:
    with os.scandir(path) as entries:
        return sorted(entries, key=lambda entry: entry.name)


def _folder(path: Path, parent: int, entries: Sequence[os.DirEntry[str]]) -> Folder:
    named = [entry for entry in entries if EVENTS in entry.name and not entry.name.startswith(".")]
    files = tuple(path / entry.name for entry in named if _is_file(entry))
    return Folder(path, parent, any(entry.name == RUN_FILE for entry in entries), files)


def _searched(folder: Folder, entries: Sequence[os.DirEntry[str]]) -> Iterator[os.DirEntry[str]]:
    """Yield the entries that are folders and may hold runs."""
    is_run = folder.ours or bool(folder.files)
    for entry in entries:
        if entry.name.startswith(".") or (is_run and entry.name == CHECKPOINT_FOLDER):
            continue
        if _is_folder(entry):
            yield entry


def _is_folder(entry: os.DirEntry[str]) -> bool:
    """Return whether an entry is a folder or a link to one; a circular link is none."""
    try:
        return entry.is_dir()
    except OSError:
        return False


def _is_file(entry: os.DirEntry[str]) -> bool:
    """Return whether an entry is a regular file or a link to one."""
    try:
        return entry.is_file()
    except OSError:
        return False
