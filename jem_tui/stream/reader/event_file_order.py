"""The order in which event files were written, by their names: `events.out.tfevents.TIME.HOST.PID.NUMBER`, with or without a suffix."""

from __future__ import annotations

import re
from pathlib import Path

_TIME = re.compile(r"tfevents\.(\d{1,18})(?=\.|$)")
_NUMBER = re.compile(r".*\.\d+\.(\d{1,18})(?!\d)")
"""The last number that follows another one, as PID and NUMBER do."""


def written(path: Path) -> tuple[float, int, str]:
    """Return the sort key of an event file: the time in its name (without one, that of its last change) and its number; raise OSError."""
    time = _TIME.search(path.name)
    if time is None:
        return path.stat().st_mtime, 0, path.name
    number = _NUMBER.match(path.name[time.end() :])
    return float(time[1]), int(number[1]) if number else 0, path.name
