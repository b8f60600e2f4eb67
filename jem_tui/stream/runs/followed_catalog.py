"""The runs below a folder, read again only where their files have changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from jem_tui.run_files import RUN_FILE
from jem_tui.stream.runs.catalog import FoundRun, inspect_run
from jem_tui.stream.runs.find_runs import RunFolder, runs_below
from jem_tui.stream.runs.run_labels import LABELS_FILE
from jem_tui.stream.runs.run_lock import is_being_written

FileStamp = tuple[str, int, int]
"""Name, size and time of change of a file."""


@dataclass(frozen=True, slots=True)
class CatalogRun:
    """A run with a value that changes whenever one of its files does."""

    found: FoundRun
    stamp: tuple[object, ...]
    log_bytes: int
    """Size of the event files."""

    @property
    def path(self) -> Path:
        """The run folder."""
        return self.found.path


@dataclass(slots=True)
class FollowedCatalog:
    """A catalog of the runs below `root`, for repeated scans by one thread."""

    root: Path
    left_out: str = ""
    """A sentence on folders that could not be searched in the last scan, or ""."""
    _known: dict[Path, CatalogRun] = field(default_factory=dict)

    def scan(self) -> list[CatalogRun]:
        """Return every run in or below the folder, the latest first; a folder that does not exist holds no runs.

        Raises InputError if the folder cannot be read.
        """
        if not self.root.exists():
            self._known, self.left_out = {}, ""
            return []
        below = runs_below(self.root)
        self.left_out = below.left_out
        self._known = {run.path: self._inspected(run) for run in below.runs}
        return sorted(self._known.values(), key=lambda run: -run.found.updated)

    def _inspected(self, folder: RunFolder) -> CatalogRun:
        files = list(_file_stamps(folder))
        stamp = (*files, folder.ours and is_being_written(folder.path))
        known = self._known.get(folder.path)
        if known is not None and known.stamp == stamp:
            return known
        size = sum(bytes_ for name, bytes_, _ in files if name not in (RUN_FILE, LABELS_FILE))
        return CatalogRun(inspect_run(folder), stamp, size)


def _file_stamps(folder: RunFolder) -> Iterator[FileStamp]:
    for path in (folder.path / RUN_FILE, folder.path / LABELS_FILE, *folder.files):
        try:
            stat = path.stat()
        except OSError:
            continue
        yield path.name, stat.st_size, stat.st_mtime_ns
