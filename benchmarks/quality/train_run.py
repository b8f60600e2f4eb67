"""A planned run of this program, begun or resumed from its newest checkpoint, with its clock."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.quality.best_weights import BestWeights
from benchmarks.quality.run_record import RunRecord
from benchmarks.quality.speed import speed_of
from benchmarks.quality.study import Plan, refuse_other_settings
from benchmarks.quality.train_peer import train_peer
from jem_tui.api.training import Training
from jem_tui.config.schema import RunConfig
from jem_tui.errors import DivergenceError
from jem_tui.events.run import Diverged, Evaluated, Event, Note, ReportProgress, RunStarted, Sampling, StepDone, Stopped
from jem_tui.run_files import checkpoint_step, sorted_checkpoints
from jem_tui.stream.runs.resumed_settings import recorded_run_settings
from jem_tui.stream.runs.run_dir import mark_ended, read_run_file

if TYPE_CHECKING:
    from jem_tui.jem.trainer.trainer import Trainer
    from jem_tui.stream.drive import OpenSource

ENDED = ("finished", "diverged")


def train(plan: Plan) -> None:
    """Train a run to its end unless it has ended. Raises InputError for a run with other settings."""
    speed = speed_of(plan.study, plan.role)
    config = plan.settings(speed)
    if plan.begun:
        refuse_other_settings(plan.folder, recorded_run_settings(plan.folder), config)
        mark_complete(plan.folder, config.train.max_steps)
        if has_ended(plan):
            return
    plan.folder.mkdir(parents=True, exist_ok=True)
    if plan.role.library:
        train_peer(plan, config)
        return
    known = read_run_file(plan.folder).dataset if plan.begun else None
    with suppress(DivergenceError):
        TimedRun(plan, config, known).train()


def has_ended(plan: Plan) -> bool:
    """Return whether a run has nothing left to train."""
    return plan.begun and read_run_file(plan.folder).status in ENDED


def mark_complete(folder: Path, steps: int) -> None:
    """Record the end of a run that was killed after its last checkpoint."""
    checkpoints = sorted_checkpoints(folder)
    if checkpoints and checkpoint_step(checkpoints[-1]) >= steps and read_run_file(folder).status not in ENDED:
        mark_ended(folder, "finished")


class TimedRun:
    """A run of this program whose optimizer steps are timed."""

    def __init__(self, plan: Plan, config: RunConfig, known: Mapping[str, Any] | None) -> None:
        self._plan, self._record = plan, RunRecord(plan.folder)
        self._trainers: list[Trainer] = []
        self._training = Training(self._opener(config, known), plan.folder, door=False)
        self._best = BestWeights(plan.folder, self._record) if plan.role.early_stop else None

    def train(self) -> None:
        """Train to the end. Raises DivergenceError if the run diverges and rollbacks do not help."""
        now = self._plan.study.now
        with self._training:
            before = now()
            for event in self._training:
                self._take(event, now() - before)
                before = now()

    def _take(self, event: Event, took: float) -> None:
        record = self._record
        if isinstance(event, RunStarted):
            record.resume_at(event.step)
        stepped = isinstance(event, StepDone | Sampling)
        record.add(seconds=took * stepped, other=took * (not stepped), diverged=isinstance(event, Diverged))
        if isinstance(event, Evaluated) and event.split == "validation" and self._best is not None:
            self._best.offer(event, self._trainers[0].learner)
        if isinstance(event, Stopped) or (isinstance(event, Note) and event.kind == "checkpoint"):
            record.keep(event.step)

    def _opener(self, config: RunConfig, known: Mapping[str, Any] | None) -> OpenSource:
        def open_source(report: ReportProgress) -> Trainer:
            from jem_tui.jem.trainer.build import open_trainer

            trainer = open_trainer(config, self._plan.folder, known is not None, report, known)
            self._trainers.append(trainer)
            return trainer

        return open_source
