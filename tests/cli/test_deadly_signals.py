"""Every signal that ends a process by default is one that a command handles, unless it reports a fault of the program."""

from __future__ import annotations

import os
import signal
import sys

import pytest

from jem_tui.signals import AT_ONCE, ENDING

FAULTS = {"SIGSEGV", "SIGBUS", "SIGFPE", "SIGILL", "SIGABRT", "SIGTRAP", "SIGSYS"}
BEYOND_HANDLING = {signal.SIGKILL}


@pytest.mark.skipif(sys.platform != "linux", reason="signals differ between systems")
@pytest.mark.parametrize("number", sorted(signal.Signals), ids=lambda number: number.name)
def test_a_signal_that_ends_a_process_is_handled(number: signal.Signals):
    handled = number in ENDING or number in AT_ONCE
    if number.name in FAULTS or number in BEYOND_HANDLING or number in (signal.SIGSTOP, signal.SIGTSTP):
        assert not handled
        return
    child = os.fork()
    if not child:
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
        # SIGTTIN and SIGTTOU stop the process before this line
        os._exit(0)
    _, status = os.waitpid(child, os.WUNTRACED)
    if os.WIFSTOPPED(status):
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    # Python itself ignores SIGPIPE and SIGXFSZ
    ends = os.WIFSIGNALED(status) and number not in (signal.SIGPIPE, signal.SIGXFSZ)
    assert handled == ends
