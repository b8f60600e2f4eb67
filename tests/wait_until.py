"""Waiting for a condition instead of a fixed time."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE = 60.0
"""Seconds within which a condition holds, also on a busy machine. Only a test that fails waits for them."""


def wait_until(condition: Callable[[], bool], failure: Callable[[], object] | str, seconds: float = PATIENCE) -> None:
    """Check `condition` every 20 ms until it holds. Raises AssertionError with `failure` after `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, failure() if callable(failure) else failure
        time.sleep(0.02)
