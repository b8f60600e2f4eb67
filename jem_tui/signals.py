"""The signals that end a command, and what each phase of a command does with them.

Nothing heavier than `signal` is imported here: the first handler must be in place before anything else is.
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

Each would otherwise end the process at once. Those that report a fault of the program itself, such as SIGSEGV, are not among them.
"""

AT_ONCE = tuple(getattr(signal, name) for name in ("SIGQUIT",) if hasattr(signal, name))
"""Signals that end a run without saving, with exit code 130."""

HURRYING = frozenset({signal.SIGINT, signal.SIGTERM})
"""Signals whose second arrival ends a run at once. Other signals repeat without anybody hurrying the run: SIGXCPU comes every
second, and SIGHUP from the shell and from the kernel."""

ALWAYS_HEEDED = frozenset({signal.SIGINT, signal.SIGTERM})
"""Signals that a run heeds even where the parent ignored them, as a script's shell does for what it starts with `&`."""

SHOW_CURSOR = b"\x1b[?25h"


def heeded(*, by_run: bool) -> tuple[signal.Signals, ...]:
    """Return the signals to handle, without those that the parent process had ignored (`nohup`) or a library in C handles.

    A run, which has something to save, heeds `ALWAYS_HEEDED` in any case.
    """
    always = ALWAYS_HEEDED if by_run else ()
    free = (name for name in (*ENDING, *AT_ONCE) if signal.getsignal(name) is not None)
    return tuple(name for name in free if name in always or not ignored(name))


def ignored(name: signal.Signals) -> bool:
    """Return whether the signal does nothing to this process."""
    return signal.getsignal(name) is signal.SIG_IGN


def handle(handler: Handler, *, by_run: bool = False) -> None:
    """Install `handler` for every heeded signal. Only the main thread may do so."""
    for name in heeded(by_run=by_run):
        signal.signal(name, handler)


def leave_at_once(number: int, frame: FrameType | None = None) -> NoReturn:
    """End the process in silence, whatever it is doing."""
    leave_with(INTERRUPTED)


def leave_with(code: int) -> NoReturn:
    """End the process without flushing or cleaning up, but with a visible cursor."""
    if os.isatty(2):
        os.write(2, SHOW_CURSOR)
    os._exit(code)


class Interruption:
    """A handler that raises KeyboardInterrupt for the first signal, so that a command cleans up, and leaves at once for the second."""

    def __init__(self) -> None:
        self.heard = False

    def __call__(self, number: int, frame: FrameType | None) -> None:
        if self.heard or number in AT_ONCE:
            leave_at_once(number)
        self.heard = True
        raise KeyboardInterrupt


class Leaving:
    """A handler for a command that is over: the first signal changes nothing, the second leaves with the command's exit code."""

    def __init__(self, code: int) -> None:
        self._code = code
        self._heard = False

    def __call__(self, number: int, frame: FrameType | None) -> None:
        if self._heard or number in AT_ONCE:
            leave_with(self._code)
        self._heard = True


def ignore_all() -> None:
    """Ignore every ending signal: Python's own last steps would otherwise give them their fatal meaning back."""
    for name in (*ENDING, *AT_ONCE):
        signal.signal(name, signal.SIG_IGN)
