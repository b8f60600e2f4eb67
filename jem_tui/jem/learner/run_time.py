"""The time that a run has taken, by which a time budget ends it."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from functools import wraps
from typing import Any, TypeVar, cast

from jem_tui.jem.ranks.ranks import ALONE, Ranks
from jem_tui.unsuspended_time import unsuspended_time

Method = TypeVar("Method", bound=Callable[..., Generator[Any, None, None]])


class RunTime:
    """Seconds in which the trainer of a run has worked, over all sessions, with a forecast for the steps that a device takes ahead.

    Steps, samples, evaluations, checkpoints and the steps that a rollback makes void count. A pause, a stop, a suspension by a shell
    and the code that iterates the trainer do not. The time of rank 0 counts for all ranks.
    """

    def __init__(self, budget: float = 0.0, ranks: Ranks = ALONE, now: Callable[[], float] = unsuspended_time) -> None:
        self.budget = budget or math.inf
        """Seconds after which the run ends; infinity without a time budget."""
        self.pace = 0.0
        """Seconds of a step in the last reading of a device; 0 while unknown."""
        self._ranks, self._now = ranks, now
        self._own, self._since = 0.0, math.nan
        """Seconds on this rank up to the start of its current work, and that start; NaN between two stretches of work."""
        self._step, self._seconds = 0, 0.0
        """The step before which the ranks last agreed on the time, and that time."""

    @property
    def limited(self) -> bool:
        """True in a run with a time budget."""
        return math.isfinite(self.budget)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Count the time of the body."""
        self._since = self._now()
        try:
            yield
        finally:
            self._own, self._since = self._measured(), math.nan

    def observe(self, step: int) -> None:
        """Set the time before `step`, on which all ranks agree; do nothing in a run without a time budget."""
        if self.limited:
            self._step, self._seconds = step, self.agreed()

    def agreed(self) -> float:
        """Return the seconds of the run, which are equal on all ranks that call this method together."""
        return self._ranks.numbers(self._measured())[0][0]

    def restore(self, step: int, seconds: float) -> None:
        """Continue at `step` from the `seconds` of a checkpoint; a run that is rolled back to one keeps its time."""
        own = self._measured()
        self._own += max(0.0, seconds - own)
        self._step, self._seconds = step, max(own, seconds)

    def before(self, step: int) -> float:
        """Return the seconds before `step`, which for a coming step are a forecast."""
        return self._seconds + max(0, step - self._step) * self.pace

    def most_steps(self, step: int) -> int:
        """Return the number of steps from `step`, at least 1, that fit into the rest of the budget at the current pace."""
        if not self.limited:
            return 1 << 30
        return max(1, int((self.budget - self.before(step)) / self.pace)) if self.pace else 1

    def _measured(self) -> float:
        return self._own + (0.0 if math.isnan(self._since) else self._now() - self._since)


def timed(method: Method) -> Method:
    """Decorate a generator method of an object with a `learner`: its `run_time` counts the generator's work, not the time between two `next` calls."""

    @wraps(method)
    def measuring(self: Any, *given: Any) -> Generator[Any, None, None]:
        run_time: RunTime = self.learner.run_time
        with closing(method(self, *given)) as events:
            while True:
                with run_time.running():
                    event = next(events, None)
                if event is None:
                    return
                yield event

    return cast(Method, measuring)
