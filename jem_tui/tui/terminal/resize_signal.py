"""Detection of terminals whose changes of size cause no signal."""

from __future__ import annotations

import os


def misses_resizes(descriptor: int) -> bool:
    """Return whether a terminal is not the controlling terminal of this process, which then gets no SIGWINCH.

    That is so for the workers of torchrun, each of which is in a session of its own.
    """
    try:
        os.tcgetpgrp(descriptor)
    except OSError:
        return os.isatty(descriptor)
    return False
