"""The size of a run folder on the disk, and what is in it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from jem_tui.run_files import sorted_checkpoints

MOST_ENTRIES = 200_000
"""Files and folders after which the measurement ends; the size is then a lower bound."""


@dataclass(frozen=True, slots=True)
class FolderContent:
    """Size and number of the files in a run folder."""

    bytes: int
    files: int
    checkpoints: int
    complete: bool = True
    """True unless some part could not be read, or there are too many files."""


def measure_folder(path: Path) -> FolderContent:
    """Measure a folder without following links; parts that cannot be read do not count."""
    size = files = 0
    complete = True
    for number, entry in enumerate(_walk(path)):
        if entry is None or number == MOST_ENTRIES:
            complete = False
            if entry is None:
                continue
            break
        try:
            size += entry.stat(follow_symlinks=False).st_size
            files += 1
        except OSError:
            complete = False
    return FolderContent(size, files, _checkpoints(path), complete)


def _checkpoints(path: Path) -> int:
    try:
        return len(sorted_checkpoints(path))
    except OSError:
        return 0


def _walk(root: Path) -> Iterator[os.DirEntry[str] | None]:
    """Yield every entry that is not a folder, and None for each folder that cannot be read."""
    folders = [str(root)]
    while folders:
        try:
            with os.scandir(folders.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
                    else:
                        yield entry
        except OSError:
            yield None
