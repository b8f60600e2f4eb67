"""Runs that are timed: the default recipe on the built-in digits, in a temporary folder."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from jem_tui.config.load import make_config
from jem_tui.events.run import StepDone
from jem_tui.jem.learner.learner import Learner
from jem_tui.jem.learner.step_batch import TrainBatch
from jem_tui.jem.stepping.feed import Feed
from jem_tui.jem.stepping.optimizer_step import next_images
from jem_tui.jem.trainer.build import open_trainer
from jem_tui.jem.trainer.trainer import Trainer
from jem_tui.stream.writer.recorder import Recorder

QUIET = ("record.samples_every=1000000", "record.evaluate_every=1000000", "record.checkpoint_every=1000000")


def subject(*words: str, preset: str = "fast") -> Trainer:
    """Return a trainer at its first step; `words` are settings."""
    folder = Path(tempfile.mkdtemp()) / "run"
    config = make_config(preset, None, [f"train.threads={torch.get_num_threads()}", *words])
    return open_trainer(config, folder, False, lambda text, fraction: None)


@dataclass(frozen=True, kw_only=True)
class Steps:
    """Calls that each train `count` steps and pass every event to `sink`."""

    trainer: Trainer
    count: int
    sink: Callable[[Any], object]

    def pull(self) -> Callable[[], None]:
        """Return a call that trains `count` steps."""
        events = self.trainer.events()

        def some_steps() -> None:
            done = 0
            while done < self.count:
                event = next(events)
                self.sink(event)
                done += isinstance(event, StepDone)

        return some_steps


def recorded(trainer: Trainer, count: int) -> Callable[[], None]:
    """Return a call that trains with a recorder, as a user does."""
    recorder = Recorder(Path(tempfile.mkdtemp()) / "run", ["benchmark"])
    return Steps(trainer=trainer, count=count, sink=recorder).pull()


def batch_of(learner: Learner) -> TrainBatch:
    """Return the next batch of training images."""
    feed = Feed.of(learner)
    feed.fill(learner, 0, 1)
    return next_images(learner, feed)
