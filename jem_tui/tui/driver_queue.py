"""How far the terminal lags behind what is written to it."""

from __future__ import annotations

from queue import Queue

from textual.driver import Driver


def frames_waiting(driver: Driver | None) -> int:
    """Frames that wait for the terminal; 0 where the driver has no such queue.

    Textual does not tell, so this looks at the queue inside its writer thread.
    """
    queue = getattr(getattr(driver, "_writer_thread", None), "_queue", None)
    return queue.qsize() if isinstance(queue, Queue) else 0
