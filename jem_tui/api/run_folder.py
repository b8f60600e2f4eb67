"""Rules for which run a path stands for, and for the state of the run."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from jem_tui.errors import InputError
from jem_tui.events.run import Stopped
from jem_tui.stream.reader.log_reader import Recording
from jem_tui.stream.runs.catalog import state_of
from jem_tui.stream.runs.find_runs import is_own_run, runs_below
from jem_tui.stream.runs.run_dir import Status, read_run_file

RunStatus = Status | Literal["crashed", "foreign"]
"""The state of a run: `crashed` if its process ended without recording an end, `foreign` for other programs' logs."""


def run_folder(path: Path) -> Path:
    """Return the only run of this program in or below a folder, else the path itself, which may be a log of another program."""
    if not path.is_dir() or is_own_run(path):
        return path
    runs = [run for run in runs_below(path).runs if run.files]
    return runs[0].path if len(runs) == 1 and runs[0].ours else path


def run_status(path: Path, recording: Recording) -> RunStatus:
    """Return the state in `run.json`, else that of the log's last event."""
    if recording.foreign:
        return "foreign"
    try:
        return state_of(path, read_run_file(path))
    except InputError:
        last = recording.entries[-1]
        reason = last.reason if isinstance(last, Stopped) else "crashed"
        return "failed" if reason == "refused" else reason
