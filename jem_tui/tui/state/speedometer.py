"""Speed of a run, computed from the times of its events: of each step, and of the recent past."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from jem_tui.events.event import BURST_SECONDS
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
        """Images and time of the newest step, or of the first step of the newest burst; None after an interruption."""

    def interrupt(self) -> None:
        """Exclude the time until the next step."""
        self._since = self._before = None

    def advance(self, step: int, images: int, time: float, *, timed: bool = True) -> float | None:
        """Count a step that ended at `time` and return the images per second up to it.

        None for the first step, for all steps of a burst but the first, and without a positive time. A step that is not `timed`, taken during a
        pause, is left out of speed and forecast.
        """
        if timed:
            self.count(step, images, time)
        else:
            self._since = None
        before = self._before
        if before is not None and _in_burst(time - before[1]):
            return None
        self._before = images, time
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
        """Return the images per second of each step in `points`, or of the first step of each burst.

        Steps without a positive time, and those after a pause at one of the image counts in `pauses`, are left out.
        """
        if not len(points):
            return points
        first_images, first_time = self._before or (int(points.images[0]), float(points.times[0]))
        after_pause = np.isin(np.concatenate([[first_images], points.images[:-1]]), pauses)
        chosen = _first_of_bursts(points.times, first_time)
        kept, pauses_before = points[chosen], np.cumsum(after_pause)[chosen]
        images = np.diff(kept.images, prepend=first_images)
        with np.errstate(over="ignore", invalid="ignore"):
            seconds = np.diff(kept.times, prepend=first_time)
        counts = (seconds > 0) & np.isfinite(seconds) & (np.diff(pauses_before, prepend=0) == 0)
        self._before = (int(kept.images[-1]), float(kept.times[-1])) if len(kept) else (first_images, first_time)
        kept = kept[counts]
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


def _in_burst(seconds: float) -> bool:
    return 0 <= seconds < BURST_SECONDS


def _first_of_bursts(times: NDArray[np.float64], before: float) -> NDArray[np.bool_]:
    """Select the steps that begin a burst, of which the first begins at `before`, as a mask; a step back in time begins one as well."""
    with np.errstate(over="ignore", invalid="ignore"):
        seconds = np.diff(times, prepend=before)
        if not ((seconds >= 0) & (seconds < BURST_SECONDS)).any():
            return np.ones(len(times), np.bool_)
    begins = np.zeros(len(times), np.bool_)
    for index, time in enumerate(times.tolist()):
        if not _in_burst(time - before):
            begins[index] = True
            before = time
    return begins


def _seconds_per_step(first: _Mark, last: _Mark) -> float:
    return (last.active - first.active) / max(1, last.step - first.step)
