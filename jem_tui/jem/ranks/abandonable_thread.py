"""A thread for calls that may never return, such as a collective operation that waits for a rank that has ended."""

from __future__ import annotations

from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, TypeVar

Result = TypeVar("Result")
MEANWHILE_EVERY = 0.1
"""Seconds between two calls of a function during the wait for another."""


class AbandonableThread:
    """Calls functions in order on a thread of its own; any other thread can end the wait for a call.

    The caller waits in Python, so that signal handlers run while the function does not return.
    """

    def __init__(self, name: str) -> None:
        self._tasks: SimpleQueue[Callable[[], Any]] = SimpleQueue()
        self._outcomes: SimpleQueue[tuple[Any, BaseException | None]] = SimpleQueue()
        self._reason: BaseException | None = None
        self._thread = Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    @property
    def abandoned(self) -> bool:
        """True if the thread was abandoned; it may still be inside a call."""
        return self._reason is not None

    def call(self, task: Callable[[], Result], meanwhile: Callable[[], None] | None = None) -> Result:
        """Return the result of `task`, or raise its exception, or that of `abandon`.

        The calling thread calls `meanwhile` at intervals until the task is done; an exception of `meanwhile` abandons the thread.
        """
        if self._reason is not None:
            raise self._reason
        self._tasks.put(task)
        result, error = self._outcomes.get() if meanwhile is None else self._outcome(meanwhile)
        if error is not None:
            raise error
        outcome: Result = result
        return outcome

    def abandon(self, reason: BaseException) -> None:
        """Raise `reason` from the current call and from all later ones."""
        if self._reason is None:
            self._reason = reason
            self._outcomes.put((None, reason))

    def _outcome(self, meanwhile: Callable[[], None]) -> tuple[Any, BaseException | None]:
        while True:
            try:
                return self._outcomes.get(timeout=MEANWHILE_EVERY)
            except Empty:
                self._call_or_abandon(meanwhile)

    def _call_or_abandon(self, meanwhile: Callable[[], None]) -> None:
        try:
            meanwhile()
        except BaseException as error:
            self.abandon(error)
            raise

    def _work(self) -> None:
        while True:
            task = self._tasks.get()
            try:
                self._outcomes.put((task(), None))
            except BaseException as error:
                self._outcomes.put((None, error))
            del task
