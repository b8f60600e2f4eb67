"""Images a second from one step to the next, as a metric of its own."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from jem_tui.events.recording import Points

THROUGHPUT = "images/s"


class Throughput:
    """Remembers when the step before was done."""

    def __init__(self) -> None:
        self._before: tuple[int, float] | None = None

    def interrupt(self) -> None:
        """Leave out the time until the next step."""
        self._before = None

    def advance(self, images: int, time: float) -> float | None:
        """Images a second since the step before; None for the first one, and where the clock stood still."""
        before, self._before = self._before, (images, time)
        if before is None or not 0 < time - before[1] < math.inf:
            return None
        return (images - before[0]) / (time - before[1])

    def rates(self, points: Points, pauses: Sequence[int]) -> Points:
        """The same of many steps at once, without those that waited for the end of a pause after so many images."""
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
