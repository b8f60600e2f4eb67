"""The request to exit the app, with its reason and its deadline."""

from __future__ import annotations

from time import monotonic

from jem_tui.errors import Reason

PATIENCE = 2.0
"""Seconds that the worker gets to stop without a checkpoint."""


class ExitRequest:
    """The state of an exit: requested or not, for which reason, and until when the app waits for the end of the run."""

    def __init__(self) -> None:
        self.reason: Reason = "stopped"
        self.waiting = False
        """True once the app only waits for the end of the run."""
        self._signalled = False
        self._deadline = float("inf")

    def wait(self, *, save: bool) -> None:
        """Wait for the end of the run; without a checkpoint, for at most `PATIENCE` seconds."""
        self.waiting = True
        if not save:
            self._deadline = min(self._deadline, monotonic() + PATIENCE)

    def signal(self) -> bool:
        """Record a signal, and return whether one came before, so that the app exits at once."""
        repeated, self._signalled = self._signalled, True
        return repeated

    @property
    def seconds_left(self) -> float:
        """Seconds until the deadline, at most `PATIENCE`; 0 after the deadline."""
        return max(0.0, min(PATIENCE, self._deadline - monotonic()))

    @property
    def overdue(self) -> bool:
        """True after the deadline."""
        return monotonic() > self._deadline
