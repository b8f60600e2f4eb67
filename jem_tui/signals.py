"""Signals that end a command, and the handlers for the phases of a command.

Imports nothing heavier than `signal`, because the first handler is installed before all other imports.
"""

from __future__ import annotations

import os
import signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType
    from typing import NoReturn

    Handler = Callable[[int, FrameType | None], None] | signal.Handlers

INTERRUPTED = 130
"""Exit code after any of the signals, as in `errors.EXIT_CODES`, which is imported later."""

_NAMES = (
    *("SIGINT", "SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGXCPU", "SIGALRM"),
    *("SIGVTALRM", "SIGPROF", "SIGIO", "SIGPWR", "SIGSTKFLT", "SIGRTMIN", "SIGRTMAX"),
)
ENDING = tuple(getattr(signal, name) for name in _NAMES if hasattr(signal, name))
"""Signals that finish the step, save and end with exit code 130: sent by terminals, ssh, Slurm, Grid Engine, `timeout` and `kill`.

Each of these signals ends a process at once by default. Signals that report a fault of the program, such as SIGSEGV, are not handled.
"""

AT_ONCE = tuple(getattr(signal, name) for name in ("SIGQUIT",) if hasattr(signal, name))
"""Signals that end a run without saving, with exit code 130."""

HURRYING = frozenset({signal.SIGINT, signal.SIGTERM})
"""Signals whose second arrival ends a run at once. Other signals can arrive twice without a second request: SIGXCPU comes every second, and
SIGHUP from both the shell and the kernel."""

ALWAYS_HEEDED = frozenset({signal.SIGINT, signal.SIGTERM})
"""Signals that a run handles even if the parent process ignored them, as a script's shell does for background jobs."""

SAME_SIGNAL = 2.0
"""Seconds within which a run on several ranks ignores a second signal: a launcher forwards what the scheduler sends to every process."""

SHOW_CURSOR = b"\x1b[?25h"


def heeded(*, by_run: bool) -> tuple[signal.Signals, ...]:
    """Return the signals to handle, without those that the parent process had ignored (`nohup`) or a library in C handles.

    A run has something to save and therefore always handles `ALWAYS_HEEDED`.
    """
    always = ALWAYS_HEEDED if by_run else ()
    free = (name for name in (*ENDING, *AT_ONCE) if signal.getsignal(name) is not None)
    return tuple(name for name in free if name in always or not ignored(name))


def ignored(name: signal.Signals) -> bool:
    """Return whether this process ignores the signal."""
    return signal.getsignal(name) is signal.SIG_IGN


def handle(handler: Handler, *, by_run: bool = False) -> None:
    """Install `handler` for every heeded signal. Do nothing outside the main thread, whose signals belong to another program."""
    try:
        for name in heeded(by_run=by_run):
            signal.signal(name, handler)
    # Raised outside the main thread
    except ValueError:
        return


def leave_at_once(number: int, frame: FrameType | None = None) -> NoReturn:
    """Exit the process immediately and without output."""
    leave_with(INTERRUPTED)


def leave_with(code: int) -> NoReturn:
    """Exit the process without flushing or cleaning up, after showing the cursor again."""
    if os.isatty(2):
        os.write(2, SHOW_CURSOR)
    os._exit(code)


class Interruption:
    """A handler that raises KeyboardInterrupt for the first signal, so that a command cleans up, and exits immediately for the second."""

    def __init__(self) -> None:
        self.received = False

    def __call__(self, number: int, frame: FrameType | None) -> None:
        if self.received or number in AT_ONCE:
            leave_at_once(number)
        self.received = True
        raise KeyboardInterrupt


class Leaving:
    """A handler for a finished command: the first signal has no effect, the second exits with the exit code of the command."""

    def __init__(self, code: int) -> None:
        self._code = code
        self.received = False
        """True after the first signal."""

    def __call__(self, number: int, frame: FrameType | None) -> None:
        if self.received or number in AT_ONCE:
            leave_with(self._code)
        self.received = True


def ignore_all() -> None:
    """Ignore every ending signal, because Python restores their default handlers during its shutdown."""
    for name in (*ENDING, *AT_ONCE):
        signal.signal(name, signal.SIG_IGN)
