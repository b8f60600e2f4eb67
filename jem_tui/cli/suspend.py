"""Suspension by Ctrl-Z under a progress bar: the cursor is shown again, and `fg` redraws the bar below the output of the shell."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from jem_tui.signals import SHOW_CURSOR, ignored
from jem_tui.unsuspended_time import unsuspended_time

HIDE_CURSOR = b"\x1b[?25l"


@contextmanager
def suspendable() -> Iterator[None]:
    """Restore the cursor when Ctrl-Z suspends the process while a bar is drawn on stderr."""
    if not hasattr(signal, "SIGTSTP") or ignored(signal.SIGTSTP) or not sys.stderr.isatty():
        yield
        return
    before = signal.signal(signal.SIGTSTP, _suspend)
    try:
        yield
    finally:
        signal.signal(signal.SIGTSTP, before)


def _suspend(number: int, frame: FrameType | None) -> None:
    """Stop the process as the system does by default; everything after the stop runs after `fg` or `bg`."""
    _write(SHOW_CURSOR + b"\r\n")
    signal.signal(number, signal.SIG_DFL)
    with unsuspended_time.suspended():
        os.kill(os.getpid(), number)
    signal.signal(number, _suspend)
    if _in_foreground():
        # The bar moves up by a line before it is drawn again.
        _write(b"\r\n" + HIDE_CURSOR)


def _in_foreground() -> bool:
    try:
        return os.tcgetpgrp(2) == os.getpgrp()
    except OSError:
        return False


def _write(text: bytes) -> None:
    with suppress(OSError):
        os.write(2, text)
