"""The checkpoints that the notes of a watched run name; only its loop knows their files."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from jem_tui.events.run import Note, RunStarted
from jem_tui.stream.log_data.entries import Entry


def named_checkpoints(entries: Iterable[Entry], run_dir: Path) -> list[tuple[int, Path]]:
    """Return step and path of each saved checkpoint, the last one saved at the end; a path that was saved again has its last step.

    Of a run folder that was moved, paths inside the folder are those of its current place.
    """
    found: dict[Path, int] = {}
    recorded_in = run_dir
    for entry in entries:
        if isinstance(entry, RunStarted):
            recorded_in = Path(entry.run_dir)
        elif isinstance(entry, Note) and entry.kind == "checkpoint" and entry.path:
            path = Path(entry.path)
            if path.is_relative_to(recorded_in):
                path = run_dir / path.relative_to(recorded_in)
            found.pop(path, None)
            found[path] = entry.step
    return [(step, path) for path, step in found.items()]
