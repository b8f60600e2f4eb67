"""How fast a run goes, from the times of its events alone."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

WINDOW = 20.0
"""Seconds of training that the pace is averaged over."""
SETTLED_SECONDS = 5.0
SETTLED_STEPS = 20
STEADY = 0.25
"""The later half of the window may differ by this share from the whole before a forecast is given."""


class _Mark(NamedTuple):
    active: float
    """Seconds of training so far, pauses left out."""
    step: int
    images: int


class Pace:
    """Images and steps a second over the recent past, pauses left out."""

    def __init__(self) -> None:
        self._marks: deque[_Mark] = deque()
        self._since: float | None = None
        self._active = 0.0

    def interrupt(self) -> None:
        """Leave out the time until the next step."""
        self._since = None

    def advance(self, step: int, images: int, time: float) -> None:
        """Count a step that ended at `time`, in seconds."""
        if self._since is None:
            self._marks.clear()
        else:
            self._active += max(0.0, time - self._since)
        self._since = time
        self._marks.append(_Mark(self._active, step, images))
        while len(self._marks) > 2 and self._active - self._marks[0].active > WINDOW:
            self._marks.popleft()

    @property
    def images_per_second(self) -> float | None:
        """None until two steps have been seen."""
        if len(self._marks) < 2:
            return None
        first, last = self._marks[0], self._marks[-1]
        seconds = last.active - first.active
        return (last.images - first.images) / seconds if seconds > 0 else None

    def seconds_for(self, steps: int) -> float | None:
        """Forecast for so many more steps; None until the pace is steady."""
        if len(self._marks) <= SETTLED_STEPS:
            return None
        first, middle, last = self._marks[0], self._marks[len(self._marks) // 2], self._marks[-1]
        if last.active - first.active < SETTLED_SECONDS:
            return None
        whole, recent = _seconds_a_step(first, last), _seconds_a_step(middle, last)
        return steps * whole if abs(recent - whole) <= STEADY * whole else None


def _seconds_a_step(first: _Mark, last: _Mark) -> float:
    return (last.active - first.active) / max(1, last.step - first.step)
