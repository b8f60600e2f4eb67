"""Steppers, which take the optimizer steps of a trainer. The host's stepper waits for the watchdog before every update."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Protocol

from torch import Tensor

from jem_tui.events.run import Sampling
from jem_tui.jem.learner.learner import Learner
from jem_tui.jem.learner.step_batch import ChainBatch
from jem_tui.jem.learner.step_metrics import StepResult
from jem_tui.jem.learner.training_step import TrainingStep
from jem_tui.jem.stability.diagnosis import Diagnosis


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


@dataclass(frozen=True, kw_only=True)
class PendingStep:
    """A measured step whose update has not been made."""

    step: int
    result: StepResult
    chains: ChainBatch | None


class HostStepper:
    """A stepper that measures a step, waits for its diagnosis and then updates the learner.

    `progress` is called with k and K between two SGLD steps and yields the events that are due inside a long step.
    """

    def __init__(self, learner: Learner, progress: Callable[[int, int], Iterator[Sampling]]) -> None:
        self._learner = learner
        self._progress = progress
        self._pending: PendingStep | None = None
        self.launched = 0

    def take(self, step: int, stop: int) -> Generator[Sampling, None, MeasuredStep]:
        """Return the quantities of `step`, before its update."""
        learner = self._learner
        batch = learner.next_batch()
        steps = learner.sgld_steps(step)
        drawn = learner.draw_chains() if steps else None
        chains = None if drawn is None else (yield from self._moved_chains(drawn, steps))
        result = learner.measure(step, batch, chains)
        learner.rank_row.read()
        self._pending = PendingStep(step=step, result=result, chains=chains)
        return MeasuredStep(
            loss=result.loss,
            metrics=result.metrics,
            slots=None if chains is None else chains.slots,
            view=TrainingStep(step, learner, batch, drawn, chains, result),
        )

    def accept(self, diagnosis: Diagnosis) -> None:
        """Make the update, or skip it where values are not finite."""
        pending = self._pending
        assert pending is not None
        if diagnosis.usable:
            self._learner.update(pending.step, pending.result, pending.chains)
        else:
            self._learner.skip(pending.chains)

    def discard(self) -> None:
        """Discard the step that was begun."""
        self._pending = None

    def _moved_chains(self, drawn: ChainBatch, steps: int) -> Generator[Sampling, None, ChainBatch]:
        """Return the chains after K = `steps` steps of the sampler."""
        chains = drawn
        with closing(self._learner.moved_chains(drawn, steps)) as moves:
            for k, state in enumerate(moves, start=1):
                chains = state
                if k < steps:
                    yield from self._progress(k, steps)
        return chains


def total_steps(learner: Learner) -> int:
    """Return the number of optimizer steps of the whole run."""
    return min(learner.config.train.max_steps or learner.horizon, learner.horizon)


def next_due(learner: Learner, step: int) -> int:
    """Return the next step after which samples, an evaluation, a checkpoint, a snapshot, another epoch or the end is due."""
    record, stability = learner.config.record, learner.config.stability
    every = (record.samples_every, record.evaluate_every, record.checkpoint_every, stability.snapshot_every)
    return min(total_steps(learner), *((step // each + 1) * each for each in (*every, learner.batches.steps_per_epoch)))
