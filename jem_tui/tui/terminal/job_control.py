"""Suspension of the process by a shell, and the return from it."""

from __future__ import annotations

import os
import signal
from contextlib import suppress


def forget_job_control() -> None:
    """Give the signals that Textual handles for its driver their usual meaning again."""
    for name in ("SIGTSTP", "SIGCONT", "SIGWINCH"):
        with suppress(AttributeError, ValueError):
            signal.signal(getattr(signal, name), signal.SIG_DFL)


def has_shell() -> bool:
    """Return whether a shell waits for this process, which could continue it after a suspension."""
    with suppress(OSError, AttributeError):
        parent = os.getppid()
        return os.getsid(parent) == os.getsid(0) and os.getpgid(parent) != os.getpgrp()
    return False
