"""The choice of `--continue`: begin a run, resume it, or leave it because it has finished or diverged."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from jem_tui.config.schema import RunConfig, TrainConfig
from jem_tui.errors import EXIT_CODES, InputError
from jem_tui.printable import printable
from jem_tui.run_files import RUN_FILE

if TYPE_CHECKING:
    from jem_tui.stream.runs.run_dir import RunFile


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
    if run.status == "finished" and not is_prolonged(run, recorded_run_settings(run_dir).train, settings.train):
        return EndedRun(EXIT_CODES["finished"], f"The run in {where} has finished at step {run.step:,}.")
    return None


def is_prolonged(run: RunFile, then: TrainConfig, now: TrainConfig) -> bool:
    """Return whether bounds `now` leave a finished run something to train: the bound that ended it is raised, and no other one is reached.

    A run that has not taken the steps of its bounds `then` was ended by its time.
    """
    from jem_tui.jem.learner.schedule import steps_of_run

    raised = prolongs(now, then)
    per_epoch = training_images(run.dataset) // then.batch_size
    if not per_epoch:
        return raised
    ended_by_time = then.minutes > 0 and run.step < steps_of_run(then, per_epoch)
    has_time = not ended_by_time or now.minutes > then.minutes or now.minutes == 0
    return raised and has_time and run.step < steps_of_run(now, per_epoch)


def training_images(dataset: Mapping[str, object]) -> int:
    """Return the number of training images in the report on a data set; 0 where it has none."""
    counts = dataset.get("counts")
    train = counts.get("train") if isinstance(counts, Mapping) else None
    return sum(number for number in train.values() if isinstance(number, int)) if isinstance(train, Mapping) else 0


def prolongs(now: TrainConfig, then: TrainConfig) -> bool:
    """Return whether the settings `now` raise a bound that a finished run had `then`; 0 means no bound.

    A limit of 0 steps is none that was asked for, because a resumed run drops the limit that it has reached.
    """
    bounds = (now.epochs, then.epochs), (now.minutes, then.minutes)
    raised = any((new or math.inf) > (old or math.inf) for new, old in bounds)
    return raised or now.max_steps > (then.max_steps or math.inf)
