"""The choice of `--continue`: begin a run, resume it, or leave it because it has finished or diverged."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from jem_tui.config.schema import RunConfig
from jem_tui.errors import EXIT_CODES, InputError
from jem_tui.printable import printable
from jem_tui.run_files import RUN_FILE


class EndedRun(NamedTuple):
    """A run that `--continue` does not resume."""

    code: int
    sentence: str


def refuse_contradictions(run_dir: Path | None, resume: Path | None) -> None:
    """Raise InputError if `--continue` lacks the folder of its run, or contradicts `--resume`."""
    if resume is not None:
        raise InputError("--continue and --resume exclude each other.", "Use --continue with --run-dir DIR alone.")
    if run_dir is None:
        raise InputError("--continue needs the folder of its run.", "Add --run-dir DIR.")


def holds_run(run_dir: Path) -> bool:
    """Return whether a run has begun in a folder. A run that was killed while it created its folder has not."""
    return (run_dir / RUN_FILE).exists()


def ended_run(run_dir: Path, settings: RunConfig) -> EndedRun | None:
    """Return the end of a recorded run that is not resumed: it has diverged, or it has finished and the settings do not prolong it."""
    from jem_tui.stream.runs.resumed_settings import recorded_run_settings
    from jem_tui.stream.runs.run_dir import read_run_file

    run = read_run_file(run_dir)
    where = printable(str(run_dir))
    if run.status == "diverged":
        advice = f"To continue it with a smaller learning rate, use --resume {where} -s optimizer.rate=RATE."
        return EndedRun(EXIT_CODES["diverged"], f"The run in {where} has diverged at step {run.step:,}. {advice}")
    before = recorded_run_settings(run_dir)
    now, then = settings.train, before.train
    longer = now.epochs > then.epochs or now.max_steps > run.step or now.minutes > then.minutes
    if run.status == "finished" and not longer:
        return EndedRun(EXIT_CODES["finished"], f"The run in {where} has finished at step {run.step:,}.")
    return None
