"""Running means and speeds over the last steps, for displays that print less than every step."""

from __future__ import annotations

import math
from collections import deque

from jem_tui.events.event import BURST_SECONDS
from jem_tui.events.run import MINUTES, Event, Paused, Resumed, Rewound, RunStarted, StepDone

WINDOW = 50
"""Steps in a mean."""


class RunningMeans:
    """A sink that keeps the last `WINDOW` steps."""

    def __init__(self) -> None:
        self._steps: deque[StepDone] = deque(maxlen=WINDOW)
        self._timed: deque[tuple[float, int, int]] = deque(maxlen=WINDOW + 1)
        """Time, steps and images since the last break: of each step, or of the first step of each burst."""

    def __call__(self, event: Event) -> None:
        match event:
            case RunStarted() | Rewound():
                self._steps.clear()
                self._restart_clock(event)
            case Paused() | Resumed():
                self._restart_clock(event)
            case StepDone():
                self._steps.append(event)
                if not 0 <= event.time - self._timed_until < BURST_SECONDS:
                    self._timed.append((event.time, event.step, event.images))

    def mean(self, metric: str) -> float:
        """Return the mean of a metric over the last steps that have it, NaN where none has."""
        values = [step.metrics[metric] for step in self._steps if metric in step.metrics]
        return sum(values) / len(values) if values else math.nan

    @property
    def count(self) -> int:
        """Number of steps in the current means."""
        return len(self._steps)

    def images_per_second(self) -> float:
        """Return the training images per second, 0 while unknown."""
        return self._per_second(2)

    def seconds_left(self, run: RunStarted) -> float:
        """Return the seconds until the time of a run is up, or until its last step at the current pace if that is sooner; infinity while unknown."""
        pace, total = self._per_second(1), run.total_steps
        by_steps = max(0, total - self._timed[-1][1]) / pace if pace and (total or not run.budget_seconds) else math.inf
        return min(by_steps, max(0.0, run.budget_seconds - self.seconds)) if run.budget_seconds else by_steps

    @property
    def seconds(self) -> float:
        """Seconds of a run with a time budget before its newest step; 0 in other runs."""
        return 60 * self._steps[-1].metrics.get(MINUTES, 0.0) if self._steps else 0.0

    def share_done(self, run: RunStarted, step: int) -> float:
        """Return the share of a run's steps, or of its time if that is larger, that is complete."""
        by_steps = step / run.total_steps if run.total_steps else 0.0
        return max(by_steps, self.seconds / run.budget_seconds if run.budget_seconds else 0.0)

    @property
    def _timed_until(self) -> float:
        return self._timed[-1][0] if self._timed else -math.inf

    def _restart_clock(self, event: Event) -> None:
        self._timed.clear()
        self._timed.append((event.time, event.step, event.images))

    def _per_second(self, column: int) -> float:
        if len(self._timed) < 2:
            return 0.0
        first, last = self._timed[0], self._timed[-1]
        seconds = last[0] - first[0]
        return (last[column] - first[column]) / seconds if seconds > 0 else 0.0
