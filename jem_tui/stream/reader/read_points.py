"""A function that reads all scalars of a log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from jem_tui.events.left_out import LeftOut
from jem_tui.stream.log_data.points import LoggedPoints
from jem_tui.stream.reader.log_cache import read_recording


@dataclass(frozen=True, slots=True, eq=False)
class Log:
    """The scalars of a log."""

    points: Mapping[str, LoggedPoints]
    """Points by tag; a tag of a sub-folder follows the name of the folder."""
    left_out: LeftOut
    """Counts of everything that is missing from `points`."""
    foreign: bool
    """True if another program wrote the log."""


def read_points(logdir: Path) -> Log:
    """Read all scalars of a folder or an event file. Raises InputError where there is nothing to read."""
    recording = read_recording(logdir)
    return Log(recording.points, recording.left_out, recording.foreign)
