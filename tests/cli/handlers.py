"""Signal handlers that are restored after a test."""

from __future__ import annotations

import atexit
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from jem_tui.signals import AT_ONCE, ENDING, ignore_all


@contextmanager
def kept_handlers() -> Iterator[None]:
    """Restore every handler and hook afterwards, and unregister the exit handler that ignores signals."""
    hook, before = sys.unraisablehook, {name: signal.getsignal(name) for name in (*ENDING, *AT_ONCE)}
    try:
        yield
    finally:
        sys.unraisablehook = hook
        for name, handler in before.items():
            signal.signal(name, handler)
        atexit.unregister(ignore_all)
