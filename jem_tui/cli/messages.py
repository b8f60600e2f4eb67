"""Messages of the program on stderr: single lines, what a log leaves out, and the end of a run."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from jem_tui.errors import InputError
from jem_tui.printable import printable
from jem_tui.run_files import ERROR_FILE, RUN_FILE, sorted_checkpoints
from jem_tui.stream.fan_out import PATIENCE, is_writable, redirect_to_null

if TYPE_CHECKING:
    from jem_tui.events.left_out import LeftOut
    from jem_tui.events.run import Stopped


def say(text: str) -> None:
    """Print one line on stderr. A stderr that cannot be written, or that no process reads, is dropped in silence."""
    if not is_writable(sys.stderr, PATIENCE):
        return
    try:
        print(f"jem-tui: {printable(text)}", file=sys.stderr, flush=True)
    except OSError:
        redirect_to_null(sys.stderr)


def report_left_out(logdir: Path, left_out: LeftOut) -> None:
    """Print on stderr which content of a log is neither shown nor exported, if there is any."""
    if sentences := left_out.sentences():
        say(f"{logdir}: left out: {' '.join(sentences)}")


def report_ending(stopped: Stopped, run_dir: Path, loss_summary: str = "") -> None:
    """Print on stderr why a run failed, what its record lacks, where the run and its newest checkpoint are, and on a terminal the next commands."""
    if sys.stderr.isatty() and stopped.reason not in ("failed", "refused"):
        _report_next_commands(run_dir)
    for line in _ending(stopped, run_dir, loss_summary):
        say(line)


def _report_next_commands(run_dir: Path) -> None:
    from jem_tui.stream.runs.next_commands import next_commands

    commands = next_commands(run_dir)
    width = max((len(command.purpose) for command in commands), default=0)
    for command in commands:
        say(f"{command.purpose.lower():{width}}  {command.line}")


def _at_recorded_step(stopped: Stopped, run_dir: Path) -> Stopped:
    """Return the end of a run at the step of its run file, where the run ended before its first event, as a refused one does."""
    from jem_tui.stream.runs.run_dir import read_run_file

    if not stopped.step:
        with suppress(InputError):
            return replace(stopped, step=read_run_file(run_dir).step)
    return stopped


def _ending(stopped: Stopped, run_dir: Path, loss_summary: str) -> Iterator[str]:
    yield from filter(None, (stopped.error, loss_summary))
    if not (run_dir / RUN_FILE).exists():
        return
    if stopped.details and (run_dir / ERROR_FILE).exists():
        yield f"the details are in {run_dir / ERROR_FILE}"
    stopped = _at_recorded_step(stopped, run_dir)
    parts = [f"{stopped.reason} at step {stopped.step:,}", f"run {run_dir}", _checkpoint(run_dir)]
    yield " · ".join(filter(None, parts))


def _checkpoint(run_dir: Path) -> str:
    """Return the newest checkpoint, or that there is none; "" for a watched loop of which no checkpoint is known."""
    from jem_tui.stream.runs.run_dir import read_run_file
    from jem_tui.watched_settings import is_watched

    saved = [path.relative_to(run_dir) for path in sorted_checkpoints(run_dir)]
    watched = False
    with suppress(InputError):
        watched = is_watched(read_run_file(run_dir).config)
        saved += _named(run_dir) if watched else []
    return f"checkpoint {saved[-1]}" if saved else "" if watched else "no checkpoint"


def _named(run_dir: Path) -> list[Path]:
    """Return the checkpoints that the notes of a run name, relative to the run folder where they are inside. Raises InputError."""
    from jem_tui.stream.log_data.named_checkpoints import named_checkpoints
    from jem_tui.stream.reader.log_cache import read_recording

    named = (path for _, path in named_checkpoints(read_recording(run_dir).entries, run_dir))
    return [path.relative_to(run_dir) if path.is_relative_to(run_dir) else path for path in named]
