"""The lock of a watched run, which a signal handler can ask whether a call is under way."""

from __future__ import annotations

from threading import RLock
from types import TracebackType


class CallLock:
    """A reentrant lock that states whether any thread holds it."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._depth = 0

    @property
    def held(self) -> bool:
        """True while any thread holds the lock."""
        return self._depth > 0

    def acquire(self, seconds: float) -> bool:
        """Take the lock within `seconds`, and return whether that succeeded."""
        taken = self._lock.acquire(timeout=seconds)
        self._depth += taken
        return taken

    def release(self) -> None:
        """Return the lock once."""
        self._depth -= 1
        self._lock.release()

    def __enter__(self) -> None:
        self._lock.acquire()
        self._depth += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()
