"""Steppers, which take a trainer from one step to the next; the host's one waits for the watchdog's diagnosis before every update."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from jem_tui.events.run import Sampling
from jem_tui.jem.learner.learner import Learner, StepResult
from jem_tui.jem.stability.diagnosis import Diagnosis


@dataclass(frozen=True, kw_only=True)
class MeasuredStep:
    """A step as the watchdog judges it."""

    loss: float
    """The loss that was differentiated."""
    metrics: dict[str, float]
    slots: Tensor
    """The chains of the batch, shape (m,)."""


class Stepper(Protocol):
    """A source of optimizer steps, one after the other."""

    launched: int
    """The step that the learner has reached, where that is beyond the last one that was taken."""

    def take(self, step: int, stop: int) -> Generator[Sampling, None, MeasuredStep]:
        """Return the numbers of `step`; no step from `stop` on is begun."""
        ...

    def accept(self, diagnosis: Diagnosis) -> None:
        """Finish the step that was taken last, as the diagnosis on it demands; not called if the run goes back instead."""
        ...

    def drop(self) -> None:
        """Forget every step that was begun: the learner is put into another state."""
        ...


@dataclass(frozen=True, kw_only=True)
class PendingStep:
    """A step without its update."""

    step: int
    measured: StepResult
    slots: Tensor
    x_hat: Tensor


class HostStepper:
    """A stepper that measures a step, waits for the diagnosis and then updates; `progress` says what is due inside a long step."""

    def __init__(self, learner: Learner, progress: Callable[[int, int], Iterator[Sampling]]) -> None:
        self._learner = learner
        self._progress = progress
        self._begun: PendingStep | None = None
        self.launched = 0

    def take(self, step: int, stop: int) -> Generator[Sampling, None, MeasuredStep]:
        """Return the numbers of `step`, before its update."""
        learner = self._learner
        batch = learner.next_batch()
        slots, x_hat = torch.empty(0, dtype=torch.int64), batch[0][:0]
        steps = learner.sgld_steps(step)
        if steps:
            slots, x_hat = learner.chain_pool.draw(learner.config.train.batch_size)
        for k in range(1, steps + 1):
            x_hat = learner.step_chains(x_hat, slots)
            if k < steps:
                yield from self._progress(k, steps)
        measured = learner.measure(step, batch, x_hat)
        self._begun = PendingStep(step=step, measured=measured, slots=slots, x_hat=x_hat)
        return MeasuredStep(loss=measured.loss, metrics=measured.metrics, slots=slots)

    def accept(self, diagnosis: Diagnosis) -> None:
        """Make the update, or leave it out where the numbers are not finite."""
        begun = self._begun
        assert begun is not None
        if diagnosis.usable:
            self._learner.update(begun.step, begun.measured, begun.slots, begun.x_hat)
        else:
            self._learner.skip(begun.slots, begun.x_hat)

    def drop(self) -> None:
        """Forget the step that was begun."""
        self._begun = None


def total_steps(learner: Learner) -> int:
    """Return the optimizer steps of a whole run."""
    return min(learner.config.train.max_steps or learner.horizon, learner.horizon)


def next_due(learner: Learner, step: int) -> int:
    """Return the first step after `step` that more than a step follows: a report, a look at the chains, another epoch, the end."""
    record, stability = learner.config.record, learner.config.stability
    every = (record.samples_every, record.evaluate_every, record.checkpoint_every, stability.snapshot_every)
    return min(total_steps(learner), *((step // each + 1) * each for each in (*every, learner.batches.steps_per_epoch)))
