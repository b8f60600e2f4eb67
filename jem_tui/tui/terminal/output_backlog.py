"""How far the terminal lags behind what is written to it."""

from __future__ import annotations

from queue import Queue

from textual.driver import Driver


def frames_waiting(driver: Driver | None) -> int:
    """Return how many frames wait for the terminal; 0 where the driver has no such queue."""
    queue = _queue_of(driver)
    return queue.qsize() if queue is not None else 0


class StallDetector:
    """A detector of a terminal that takes no output: its writer waits, which is no fault of the screen."""

    def __init__(self) -> None:
        self._writes = -1

    def blocked(self, driver: Driver | None) -> bool:
        """Return whether the queue is full and nothing has left it since the last call."""
        queue = _queue_of(driver)
        writes = getattr(getattr(driver, "output", None), "writes", 0)
        stands, self._writes = writes == self._writes, writes
        return stands and queue is not None and queue.full()


def _queue_of(driver: Driver | None) -> Queue[str | None] | None:
    """Return the queue inside the driver's writer thread, which Textual keeps to itself."""
    queue = getattr(getattr(driver, "_writer_thread", None), "_queue", None)
    return queue if isinstance(queue, Queue) else None
