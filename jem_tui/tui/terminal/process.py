"""Settings of the process under the screen: garbage collection, and suspension by a shell."""

from __future__ import annotations

import gc
import os
import signal
from contextlib import suppress


def disable_gc() -> None:
    """Disable garbage collection during imports, which create no garbage; `freeze_gc` enables it."""
    gc.disable()


def freeze_gc() -> None:
    """Enable garbage collection and exempt all existing objects: to search torch's modules takes 180 ms each time."""
    gc.freeze()
    gc.enable()


def forget_job_control() -> None:
    """Restore the default handlers of the signals that Textual handles for its driver."""
    for name in ("SIGTSTP", "SIGCONT", "SIGWINCH"):
        with suppress(AttributeError, ValueError):
            signal.signal(getattr(signal, name), signal.SIG_DFL)


def has_shell() -> bool:
    """Return whether a shell waits for this process and could continue it after a suspension."""
    with suppress(OSError, AttributeError):
        parent = os.getppid()
        return os.getsid(parent) == os.getsid(0) and os.getpgid(parent) != os.getpgrp()
    return False
