"""The end of the process of a watched loop that did not close its run, and the children that the process forks."""

from __future__ import annotations

import atexit
import os
import sys
from typing import Protocol
from weakref import WeakSet


class EndsWithProcess(Protocol):
    """A run that the end of the process ends."""

    def _leave_to_parent(self) -> None: ...

    def _end(self, error: BaseException | None) -> None: ...


_open: WeakSet[EndsWithProcess] = WeakSet()


class ProcessEnd:
    """Ends a run at the exit of the process, and leaves it to the parent in forked children."""

    def __init__(self, run: EndsWithProcess) -> None:
        self._run = run

    def expect(self) -> None:
        """Register the run."""
        atexit.register(self._end)
        _open.add(self._run)

    def forget(self) -> None:
        """Remove the registration."""
        atexit.unregister(self._end)
        _open.discard(self._run)

    def _end(self) -> None:
        self._run._end(unhandled_exception())


def _leave_to_parent() -> None:
    """Make every run inactive in a child, such as a worker that loads data: the parent writes its files."""
    for run in _open:
        run._leave_to_parent()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_to_parent)


def unhandled_exception() -> BaseException | None:
    """Return the exception that ends the program, for a function that runs at its exit; None without one and in a console."""
    if hasattr(sys, "ps1"):
        return None
    found = getattr(sys, "last_exc", None) or getattr(sys, "last_value", None)
    return found if isinstance(found, BaseException) else None
