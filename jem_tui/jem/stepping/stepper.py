"""Steppers, which take the optimizer steps of a trainer. The host's stepper waits for the watchdog before every update."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Protocol

from torch import Tensor

from jem_tui.events.run import Sampling
from jem_tui.jem.learner.learner import Learner
from jem_tui.jem.learner.step_batch import StepTensors
from jem_tui.jem.learner.training_step import TrainingStep
from jem_tui.jem.stability.diagnosis import Diagnosis
from jem_tui.jem.stepping.feed import RATE, Feed
from jem_tui.jem.stepping.optimizer_step import Progress, finish, measure


@dataclass(frozen=True, kw_only=True)
class MeasuredStep:
    """The quantities of a step that the watchdog judges."""

    loss: float
    """The loss that was differentiated."""
    metrics: dict[str, float]
    slots: Tensor | None
    """Slots of the batch's chains, shape (m,); None for a step without chains."""
    view: TrainingStep | None = None
    """The argument of metrics of the user; None where no such metrics are computed."""


class Stepper(Protocol):
    """Takes optimizer steps, one after the other."""

    launched: int
    """The step that the learner has reached, if it is ahead of the last step that was taken."""

    def take(self, step: int, stop: int) -> Generator[Sampling, None, MeasuredStep]:
        """Return the quantities of `step`; no step from `stop` on is begun."""
        ...

    def accept(self, diagnosis: Diagnosis) -> None:
        """Finish the last step as its diagnosis demands; not called if the run rolls back instead."""
        ...

    def discard(self) -> None:
        """Discard every step that was begun, because the learner's state is replaced."""
        ...


class HostStepper:
    """A stepper that measures a step, waits for its diagnosis and then updates the learner."""

    def __init__(self, learner: Learner, progress: Progress) -> None:
        self._learner = learner
        self._progress = progress
        self._feed = Feed.of(learner)
        self._pending: StepTensors | None = None
        self.launched = 0

    def take(self, step: int, stop: int) -> Generator[Sampling, None, MeasuredStep]:
        """Return the quantities of `step`, before its update."""
        learner, steps = self._learner, self._learner.sgld_steps(step)
        (given,) = self._feed.fill(learner, step, 1)
        bind_rate(learner, given[RATE])
        tensors = yield from measure(learner, self._feed, steps, self._progress)
        loss, *values = tensors.numbers.tolist()
        learner.rank_row.read()
        metrics = dict(zip(tensors.named, values, strict=True)) | given | {"sgld/steps": float(steps)}
        self._pending = tensors
        return MeasuredStep(
            loss=loss,
            metrics=metrics,
            slots=None if tensors.drawn is None else tensors.drawn.slots,
            view=TrainingStep(step, learner, tensors, loss, metrics),
        )

    def accept(self, diagnosis: Diagnosis) -> None:
        """Make the update, or skip it where values are not finite."""
        assert self._pending is not None
        self._feed.halted.fill_(not diagnosis.usable)
        finish(self._learner, self._feed, self._pending)
        self._pending = None

    def discard(self) -> None:
        """Discard the step that was begun."""
        self._pending = self._feed.filled = None


def bind_rate(learner: Learner, rate: float | Tensor) -> None:
    """Set the learning rate of the optimizer; a scalar on the device may change between steps.

    Loading a state undoes that, and sets the kernel of the device that the state was saved on.
    """
    for group in learner.optimizer.param_groups:
        group["lr"], group["fused"] = rate, learner.optimizer.defaults["fused"]
        group["capturable"] = isinstance(rate, Tensor) and rate.is_cuda


def is_over(learner: Learner, stepper: Stepper, step: int) -> bool:
    """Return whether the run ends before `step`; the steps that a stepper has begun are taken in any case."""
    if step < stepper.launched:
        return False
    learner.run_time.observe(step)
    return learner.progress(step) >= 1


def next_due(learner: Learner, step: int) -> int:
    """Return the next step after which samples, an evaluation, a checkpoint, a snapshot, another epoch or the end is due."""
    record, stability = learner.config.record, learner.config.stability
    every = (record.samples_every, record.evaluate_every, record.checkpoint_every, stability.snapshot_every)
    return int(min(learner.horizon, *((step // each + 1) * each for each in (*every, learner.batches.steps_per_epoch))))
