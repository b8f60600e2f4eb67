"""Detection of a frozen screen from another thread, which then interrupts the main thread."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from types import CodeType, FrameType, TracebackType
from typing import TypeVar

PATIENCE = 10.0
"""Seconds without an answer after which a screen counts as frozen."""
PATIENCE_AFTER_FAILURE = 1.0
"""Seconds for the exit of a failed screen, in which Textual may wait forever for removed widgets."""
PULSE = 0.25
"""Seconds between two checks."""
Function = TypeVar("Function", bound=Callable[..., object])

_uninterrupted: set[CodeType] = set()
"""Code of the functions that are completed before a frozen screen is interrupted."""


class ScreenFrozenError(SystemExit):
    """A frozen screen. Derives from SystemExit, which neither asyncio nor an `except Exception` catches."""


class FreezeDetector:
    """A thread that measures the time since the last call of `answer`, and calls `on_frozen` at each check once that time is too long.

    The time is counted in checks, so that a suspended process (Ctrl-Z, a closed lid) does not count as frozen.
    """

    def __init__(
        self,
        on_frozen: Callable[[], None],
        excused: Callable[[], bool] = lambda: False,
    ) -> None:
        """Prepare a detector. `excused` returns whether another cause delays the screen."""
        self._on_frozen = on_frozen
        self._excused = excused
        self._ended = threading.Event()
        self._unanswered: float | None = None
        """Seconds since the last answer; None before the first, since imports may take long."""
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
        """Reset the time since the last answer."""
        if self._patience == PATIENCE:
            self._unanswered = 0.0

    def hurry(self) -> None:
        """Expect the end of the screen within `PATIENCE_AFTER_FAILURE`; later answers do not extend the time."""
        self._unanswered, self._patience = 0.0, PATIENCE_AFTER_FAILURE

    def _watch(self) -> None:
        while not self._ended.wait(PULSE):
            if self._unanswered is not None and not self._excused():
                self._unanswered += PULSE
                if self._unanswered >= self._patience and not self._ended.is_set():
                    self._on_frozen()


def interrupt_main_thread() -> None:
    """Raise `ScreenFrozenError` in the main thread, even during a system call; requires `allow_interruption`."""
    ident = threading.main_thread().ident
    if ident is not None:
        with suppress(OSError, AttributeError, ValueError):
            signal.pthread_kill(ident, signal.SIGURG)


def allow_interruption(handler: Callable[[int, FrameType | None], object] | None = None) -> None:
    """Install a handler of SIGURG, a signal that is ignored by default. The default handler raises `ScreenFrozenError`."""
    with suppress(ValueError, AttributeError):
        signal.signal(signal.SIGURG, handler or _interrupt)


def forbid_interruption() -> None:
    """Ignore SIGURG again."""
    with suppress(ValueError, AttributeError):
        signal.signal(signal.SIGURG, signal.SIG_IGN)


def uninterrupted(function: Function) -> Function:
    """Decorate a function that `ScreenFrozenError` must not interrupt: the detector raises it at a check after the function."""
    _uninterrupted.add(function.__code__)
    return function


def _interrupt(number: int, frame: FrameType | None) -> None:
    while frame is not None:
        if frame.f_code in _uninterrupted:
            return
        frame = frame.f_back
    raise ScreenFrozenError
