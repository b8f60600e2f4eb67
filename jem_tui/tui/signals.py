"""Signals that end the program."""

from __future__ import annotations

import signal
from asyncio import get_running_loop
from collections.abc import Callable
from contextlib import suppress


def catch_signals(heard: Callable[[], None], hung_up: Callable[[], None]) -> None:
    """Call `heard` for SIGINT and SIGTERM, `hung_up` for SIGHUP; only a main thread on a POSIX system can have them."""
    calls = {signal.SIGINT: heard, signal.SIGTERM: heard, signal.SIGHUP: hung_up}
    with suppress(NotImplementedError, RuntimeError, ValueError):
        for name, call in calls.items():
            get_running_loop().add_signal_handler(name, call)
