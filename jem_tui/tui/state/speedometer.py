"""Speed of a run, computed from the times of its events: of each step, and of the recent past."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from jem_tui.events.recording import Points

THROUGHPUT = "images/s"
"""Name of the metric that `Speedometer.rates` and `Speedometer.advance` return."""
WINDOW = 20.0
"""Seconds of training over which the speed is averaged."""
MOST_COUNTED = 1000
"""Largest number of past steps that are counted one by one."""
SETTLED_SECONDS = 5.0
SETTLED_STEPS = 20
STEADY = 0.25
"""Maximum relative difference between the later half of the window and the whole for a forecast."""


class _Mark(NamedTuple):
    active: float
    """Seconds of training so far, without pauses."""
    step: int
    images: int


class Speedometer:
    """Images per second of each step, and speed and forecast over the last `WINDOW` seconds, without pauses."""

    def __init__(self) -> None:
        self._marks: deque[_Mark] = deque()
        self._active = 0.0
        self._since: float | None = None
        """Time of the newest step in `_marks`; None after an interruption."""
        self._before: tuple[int, float] | None = None
        """Images and time of the newest step; None after an interruption."""

    def interrupt(self) -> None:
        """Exclude the time until the next step."""
        self._since = self._before = None

    def advance(self, step: int, images: int, time: float, *, timed: bool = True) -> float | None:
        """Count a step that ended at `time` and return its images per second; None for the first step and without a positive time.

        A step that is not `timed`, taken during a pause, is left out of speed and forecast.
        """
        before, self._before = self._before, (images, time)
        if timed:
            self.count(step, images, time)
        else:
            self._since = None
        if before is None or not 0 < time - before[1] < math.inf:
            return None
        return (images - before[0]) / (time - before[1])

    def count(self, step: int, images: int, time: float) -> None:
        """Count all steps up to `step`, which ended at `time`, in speed and forecast."""
        if self._since is None:
            self._marks.clear()
        else:
            self._active += max(0.0, time - self._since)
        self._since = time
        self._marks.append(_Mark(self._active, step, images))
        while len(self._marks) > 2 and self._active - self._marks[0].active > WINDOW:
            self._marks.popleft()

    def count_past(self, points: Points | None) -> None:
        """Count the last `WINDOW` seconds of the past of a run in speed and forecast; without points, as an interruption."""
        if points is None or not len(points):
            self.interrupt()
            return
        recent = points[(points.times > points.times[-1] - WINDOW) & np.isfinite(points.times)]
        # the last step and at most MOST_COUNTED others
        chosen = np.arange(len(recent) - 1, -1, -(1 + len(recent) // MOST_COUNTED))[::-1]
        for index in chosen.tolist():
            self.count(int(recent.steps[index]), int(recent.images[index]), float(recent.times[index]))

    def rates(self, points: Points, pauses: Sequence[int]) -> Points:
        """Return the images per second of each step in `points`.

        Steps without a positive time, and steps after a pause at one of the image counts in `pauses`, are left out.
        """
        if not len(points):
            return points
        known = self._before is not None
        first_images, first_time = self._before or (int(points.images[0]), float(points.times[0]))
        starts = np.concatenate([[first_images], points.images[:-1]])
        images = points.images - starts
        with np.errstate(over="ignore", invalid="ignore"):
            seconds = np.diff(points.times, prepend=first_time)
        counts = (seconds > 0) & np.isfinite(seconds) & ~np.isin(starts, pauses)
        counts[0] &= known
        self._before = int(points.images[-1]), float(points.times[-1])
        kept = points[counts]
        with np.errstate(over="ignore"):
            return Points(kept.steps, kept.images, kept.times, images[counts] / seconds[counts])

    @property
    def images_per_second(self) -> float | None:
        """Images per second over the window; None before the second step."""
        if len(self._marks) < 2:
            return None
        first, last = self._marks[0], self._marks[-1]
        seconds = last.active - first.active
        return (last.images - first.images) / seconds if seconds > 0 else None

    def seconds_for(self, steps: int) -> float | None:
        """Return a forecast of the seconds that `steps` more steps take; None until the speed is steady."""
        if len(self._marks) <= SETTLED_STEPS:
            return None
        first, middle, last = self._marks[0], self._marks[len(self._marks) // 2], self._marks[-1]
        if last.active - first.active < SETTLED_SECONDS:
            return None
        whole, recent = _seconds_per_step(first, last), _seconds_per_step(middle, last)
        return steps * whole if abs(recent - whole) <= STEADY * whole else None


def _seconds_per_step(first: _Mark, last: _Mark) -> float:
    return (last.active - first.active) / max(1, last.step - first.step)
