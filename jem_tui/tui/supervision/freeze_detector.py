"""A watchdog that notices from outside that a screen does not answer any more, and takes the main thread out of it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from types import FrameType, TracebackType

PATIENCE = 10.0
"""Seconds of silence after which a screen is given up."""
PATIENCE_AFTER_FAILURE = 1.0
"""Seconds that a screen gets to end after it has failed: Textual waits for ever for parts that are no longer there."""
PULSE = 0.25
"""Seconds between two checks."""


class ScreenFrozenError(SystemExit):
    """The exception of a silent screen, raised in the main thread; neither asyncio nor an `except Exception` holds a SystemExit up."""


class FreezeDetector:
    """A thread that counts the silence between two calls of `answer`; while the silence is too long, it calls `give_up` again and again.

    Silence is counted in checks, so that a process which stands still (Ctrl-Z, a closed lid) is not blamed.
    """

    def __init__(
        self,
        give_up: Callable[[], None],
        excused: Callable[[], bool] = lambda: False,
        wait: Callable[[float], bool] | None = None,
    ) -> None:
        """`excused` says that the silence is not the screen's; `wait` passes the seconds of a pulse and says whether to end."""
        self._give_up = give_up
        self._excused = excused
        self._ended = threading.Event()
        self._wait = wait or self._ended.wait
        self._silence: float | None = None
        """None before the first answer: imports may take their time."""
        self._patience = PATIENCE
        self._thread = threading.Thread(target=self._watch, name="jem-watchdog", daemon=True)

    def __enter__(self) -> FreezeDetector:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()

    def answer(self) -> None:
        """Start counting anew: the screen has answered."""
        if self._patience == PATIENCE:
            self._silence = 0.0

    def hurry(self) -> None:
        """Wait only for the end from now on, and not for long."""
        self._silence, self._patience = 0.0, PATIENCE_AFTER_FAILURE

    def _watch(self) -> None:
        while not self._wait(PULSE):
            if self._silence is not None and not self._excused():
                self._silence += PULSE
                if self._silence >= self._patience and not self._ended.is_set():
                    self._give_up()


def interrupt_main_thread() -> None:
    """Raise `ScreenFrozenError` in the main thread, even if a system call holds it; that thread has called `allow_interruption`."""
    ident = threading.main_thread().ident
    if ident is not None:
        with suppress(OSError, AttributeError, ValueError):
            signal.pthread_kill(ident, signal.SIGURG)


def allow_interruption() -> None:
    """Have SIGURG, which does nothing by itself, end what the main thread is doing."""
    with suppress(ValueError, AttributeError):
        signal.signal(signal.SIGURG, _interrupt)


def forbid_interruption() -> None:
    """Have SIGURG do nothing again."""
    with suppress(ValueError, AttributeError):
        signal.signal(signal.SIGURG, signal.SIG_IGN)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise ScreenFrozenError
