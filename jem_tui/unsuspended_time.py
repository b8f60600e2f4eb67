"""A monotonic clock that stands still while a shell suspends the process: Ctrl-Z takes no time of a run."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class UnsuspendedTime:
    """Seconds of a monotonic clock without those in which the process was suspended. Any thread may read it."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._state = (0.0, math.inf)
        """The seconds left out, and the start of the current suspension; one object, so that a reader gets both from one moment."""

    def __call__(self) -> float:
        """Return the current time in seconds."""
        left_out, since = self._state
        return min(self._now(), since) - left_out

    @contextmanager
    def suspended(self) -> Iterator[None]:
        """Stop the clock during the body, which suspends the process. Other threads may run before the body ends."""
        left_out, _ = self._state
        since = self._now()
        self._state = (left_out, since)
        try:
            yield
        finally:
            self._state = (left_out + self._now() - since, math.inf)


unsuspended_time = UnsuspendedTime()
"""The clock of this process."""
