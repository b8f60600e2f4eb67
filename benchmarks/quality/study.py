"""A study: the settings that its runs share, and the plan of each run with its folder and settings."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from benchmarks.quality.roles import Role
from jem_tui.config.load import make_config, value_of
from jem_tui.config.schema import RunConfig
from jem_tui.errors import InputError
from jem_tui.run_files import RUN_FILE

if TYPE_CHECKING:
    from benchmarks.quality.speed import Speed

ClockName = Literal["wall", "cpu"]
CLOCKS: Mapping[str, Callable[[], float]] = {"wall": time.perf_counter, "cpu": time.process_time}
"""With one thread, the processor time of the process equals wall time on a machine without other load."""
EVALUATIONS = 20
"""Evaluations on held-out images in a run, among which a role with early stopping chooses."""
CHECKPOINT_SECONDS = 60.0
"""Training time between two checkpoints, which a killed run loses at most."""
MOVABLE = ("data.dir", "train.device", "train.threads")
"""Settings that may change between two calls, because they do not affect the recipe."""


@dataclass(frozen=True, kw_only=True)
class Study:
    """The folder and the settings that all runs share."""

    work: Path
    words: tuple[str, ...] = ()
    """Settings of every run: data, threads, and those of `-s`."""
    clock: ClockName = "cpu"
    probe: float = 10.0
    """Seconds of training that the speed of a role is measured for."""

    def now(self) -> float:
        """Return the time of the study's clock in seconds."""
        return CLOCKS[self.clock]()


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One run: a role, a seed and a training time, after which the schedule of its learning rate ends."""

    study: Study
    role: Role
    seed: int
    minutes: float

    @property
    def folder(self) -> Path:
        """The run folder."""
        return self.study.work / self.role.name / f"seed-{self.seed}" / f"{self.minutes:g}min"

    @property
    def name(self) -> str:
        """The plan in words, for messages."""
        return f"{self.role.name}, seed {self.seed}, {self.minutes:g} min"

    @property
    def begun(self) -> bool:
        """True once the run has a folder with its settings."""
        return (self.folder / RUN_FILE).exists()

    def settings(self, speed: Speed) -> RunConfig:
        """Return the settings of the run, which lasts as many steps as fit into its minutes at the speed of its role."""
        steps = speed.steps_in(self.minutes)
        checkpoint = max(1, min(math.ceil(steps / 4), round(speed.steps_per_second * CHECKPOINT_SECONDS)))
        length = {
            "train.max_steps": steps,
            "train.epochs": math.ceil(steps / speed.steps_per_epoch),
            "record.evaluate_every": math.ceil(steps / EVALUATIONS),
            "record.evaluate_images": 1_000_000,
            "record.samples_every": math.ceil(steps / 10),
            "record.checkpoint_every": checkpoint,
        }
        words = [*self.study.words, *self.role.words, f"train.seed={self.seed}"]
        return make_config(self.role.preset, None, [*words, *(f"{key}={value}" for key, value in length.items())])


def refuse_other_settings(folder: Path, recorded: RunConfig, wanted: RunConfig) -> None:
    """Raise InputError if a run of the study has other settings than the study now gives it."""
    from jem_tui.config.load import KEYS

    for key in KEYS:
        if key not in MOVABLE and value_of(recorded, key) != value_of(wanted, key):
            raise InputError(
                f"{folder} was trained with {key}={value_of(recorded, key)}, not {value_of(wanted, key)}.",
                "Use another folder with --work, or remove this run.",
            )
