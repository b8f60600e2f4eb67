"""Signals that end the program."""

from __future__ import annotations

import signal
from asyncio import get_running_loop
from collections.abc import Callable
from contextlib import suppress


def catch_signals(heard: Callable[[], None]) -> None:
    """Call `heard` for SIGINT, SIGTERM and SIGHUP; only a main thread on a POSIX system can have them."""
    with suppress(NotImplementedError, RuntimeError, ValueError):
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            get_running_loop().add_signal_handler(name, heard)
