"""Speed of a role on this machine, measured once and stored, which converts the minutes of its runs to optimizer steps.

All seeds of a role thus take the same number of steps, even on a busy machine, and the schedule ends with the last step.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import FileLock

from benchmarks.quality.json_file import read_table, reading, write_table
from benchmarks.quality.peers import peer_of
from benchmarks.quality.roles import Role
from benchmarks.quality.study import Study
from jem_tui.config.load import make_config
from jem_tui.errors import InputError
from jem_tui.events.run import StepDone

WARM_UP = 3
"""First steps, which do not count."""
QUIET = ("record.samples_every=1000000", "record.evaluate_every=1000000", "record.checkpoint_every=1000000")


@dataclass(frozen=True, kw_only=True)
class Speed:
    """Training speed of a role with certain settings."""

    steps_per_second: float
    steps_per_epoch: int
    words: list[str]
    clock: str

    def steps_in(self, minutes: float) -> int:
        """Return the optimizer steps that fit into some minutes, at least one."""
        return max(1, round(60 * minutes * self.steps_per_second))


def speed_of(study: Study, role: Role) -> Speed:
    """Return the speed of a role, measured now unless the study has it. Raises InputError if it was measured with other settings."""
    path = study.work / role.name / "speed.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    words = [role.preset, *study.words, *role.words]
    with FileLock(path.with_suffix(".lock")):
        if not path.exists():
            write_table(path, asdict(measured(study, role, words)))
        with reading(path):
            speed = Speed(**read_table(path))
            speed.steps_in(1)
    if (speed.words, speed.clock) != (words, study.clock):
        raise InputError(
            f"{path} was measured with other settings or another clock.", "Use another folder with --work."
        )
    return speed


def measured(study: Study, role: Role, words: list[str]) -> Speed:
    """Train for the probe's time, and return the speed."""
    with tempfile.TemporaryDirectory() as folder:
        train, per_epoch = stepper_of(study, role, Path(folder) / "run")
        for _ in range(WARM_UP):
            train()
        began, steps = study.now(), 0
        while not steps or study.now() - began < study.probe:
            train()
            steps += 1
        seconds = study.now() - began
    return Speed(steps_per_second=steps / seconds, steps_per_epoch=per_epoch, words=words, clock=study.clock)


def stepper_of(study: Study, role: Role, folder: Path) -> tuple[Callable[[], object], int]:
    """Return a call that trains one step, and the number of steps in an epoch."""
    from jem_tui.jem.trainer.build import open_trainer

    words = [*study.words, *role.words, *QUIET, "train.epochs=1000000"]
    trainer = open_trainer(make_config(role.preset, None, words), folder, False, lambda text, fraction: None)
    per_epoch = trainer.learner.batches.steps_per_epoch
    if role.library:
        return peer_of(role, trainer.learner).train, per_epoch
    events = trainer.events()

    def step() -> None:
        while not isinstance(next(events), StepDone):
            pass

    return step, per_epoch
