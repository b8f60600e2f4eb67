"""One of several runs that are compared: its log, its settings and its state."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jem_tui.errors import InputError
from jem_tui.events.run import RunStarted
from jem_tui.printable import printable
from jem_tui.stream.compare.readable_runs import FEWEST, too_few
from jem_tui.stream.log_data.points import LoggedPoints
from jem_tui.stream.log_data.step_table import StepTable
from jem_tui.stream.reader.log_cache import read_recording
from jem_tui.stream.reader.log_reader import Recording
from jem_tui.stream.replay.player import run_names
from jem_tui.stream.runs.catalog import state_of
from jem_tui.stream.runs.run_dir import read_run_file
from jem_tui.watched_settings import loop_settings

MOST_DEPTH = 16
"""Levels of nested settings that have names of their own."""


@dataclass(frozen=True, slots=True, eq=False)
class ComparedLog:
    """A recorded run with its settings by dotted name."""

    name: str
    """A name that no other compared run has."""
    path: Path
    recording: Recording
    state: str
    """The state as `jem-tui runs` prints it."""
    settings: Mapping[str, Any]
    """Settings such as `sgld.steps` from run.json, or from the log where that file cannot be read; empty for other programs."""

    @property
    def points(self) -> Mapping[str, LoggedPoints]:
        """The scalars by tag, each point as in the log."""
        return self.recording.points

    @property
    def step(self) -> int:
        """The last optimizer step; in logs of other programs the last step that they logged."""
        last = self.recording.entries[-1]
        if self.recording.foreign:
            return last.images if not isinstance(last, StepTable) else int(last.images[-1])
        return int(last.steps[-1]) if isinstance(last, StepTable) else last.step


def read_compared(paths: Sequence[Path], report: Callable[[str], None]) -> list[ComparedLog]:
    """Read the runs in some folders. A run that cannot be read is passed to `report` as a sentence and left out.

    Raises InputError with the reasons if fewer than two runs remain.
    """
    found, errors = [], []
    for path, name in zip(paths, run_names(paths), strict=True):
        try:
            found.append(_read(path, printable(name)))
        except InputError as error:
            errors.append(error)
    if len(found) < FEWEST:
        raise too_few(paths, errors)
    for left_out in errors:
        report(str(left_out))
    return found


def _read(path: Path, name: str) -> ComparedLog:
    recording = read_recording(path)
    if recording.foreign:
        return ComparedLog(name, path, recording, "foreign", {})
    try:
        run = read_run_file(path)
    except InputError:
        start = next(entry for entry in reversed(recording.entries) if isinstance(entry, RunStarted))
        settings = _flat({**loop_settings(start.config), "device": start.device})
        return ComparedLog(name, path, recording, "damaged", dict(settings))
    settings = _flat({**loop_settings(run.config), "device": run.device})
    return ComparedLog(name, path, recording, state_of(path, run), dict(settings))


def _flat(settings: Mapping[str, Any], prefix: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    for name, value in settings.items():
        if isinstance(value, Mapping) and value and depth < MOST_DEPTH:
            yield from _flat(value, f"{prefix}{name}.", depth + 1)
        else:
            yield f"{prefix}{name}", value
