"""The queue of output that the terminal has not taken yet."""

from __future__ import annotations

from queue import Queue

from textual.driver import Driver


def frames_waiting(driver: Driver | None) -> int:
    """Return how many frames wait for the terminal; 0 for a driver without a queue."""
    queue = _queue_of(driver)
    return queue.qsize() if queue is not None else 0


class StallDetector:
    """Detects a terminal that takes no output, for which the screen has to wait."""

    def __init__(self) -> None:
        self._writes = -1

    def blocked(self, driver: Driver | None) -> bool:
        """Return whether the queue is full and no write has returned since the last call."""
        queue = _queue_of(driver)
        writes = getattr(getattr(driver, "output", None), "writes", 0)
        stalled, self._writes = writes == self._writes, writes
        return stalled and queue is not None and queue.full()


def _queue_of(driver: Driver | None) -> Queue[str | None] | None:
    """Return the queue of the driver's writer thread, a private attribute of Textual."""
    queue = getattr(getattr(driver, "_writer_thread", None), "_queue", None)
    return queue if isinstance(queue, Queue) else None
