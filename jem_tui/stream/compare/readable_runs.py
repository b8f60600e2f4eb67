"""The refusal to compare fewer than two readable runs, before a screen opens for them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from jem_tui.errors import InputError
from jem_tui.stream.reader.log_cache import read_recording
from jem_tui.stream.reader.log_reader import FileExtent, LogReader, event_files

FEWEST = 2
"""Minimum number of runs in a comparison."""
BEGINNING, FIRST_FILES = 1 << 18, 4
"""Bytes of each file, and number of files, that show in most cases that a log can be read."""
MOST_REASONS = 3
"""Maximum number of runs whose problems are named."""


def refuse_too_few(paths: Sequence[Path]) -> None:
    """Read runs only until two of them are known to be readable. Raises InputError with the reasons if there are fewer."""
    errors, readable = [], 0
    for path in paths:
        try:
            _read_beginning(path)
        except InputError as error:
            errors.append(error)
            continue
        readable += 1
        if readable >= FEWEST:
            return
    raise too_few(paths, errors)


def too_few(paths: Sequence[Path], errors: Sequence[InputError]) -> InputError:
    """Return the refusal to compare the runs in `paths`, of which some cannot be read for the reasons in `errors`."""
    named = [error.message.removesuffix(".") for error in errors[:MOST_REASONS]]
    left = len(errors) - len(named)
    reasons = "; ".join([*named, *([f"and {left:,} more"] if left else [])])
    count = len(paths) - len(errors)
    what = f"{count or 'none'} of {len(paths):,} can be read: {reasons}" if errors else f"only {paths[0]} was found"
    return InputError(
        f"A comparison needs two runs or more, but {what}.",
        "Pass the folders of two runs, or a folder that contains them; jem-tui runs lists the recorded ones.",
    )


def _read_beginning(path: Path) -> None:
    """Read the beginning of a log, and all of a log whose beginning holds nothing. Raises InputError if it cannot be read."""
    try:
        LogReader(path).read([FileExtent(file, BEGINNING) for file in event_files(path)[:FIRST_FILES]])
    except InputError:
        read_recording(path)
