"""Requests of several viewers for samples, which the run answers once for all viewers."""

from __future__ import annotations

from collections.abc import Callable

INTERVAL = 0.5
"""Minimum seconds between two samples for viewers, as on the screen of a run."""
MOST_WAIT = 10.0
"""Seconds after which a request without an answer no longer counts as under way."""


class SampleRequests:
    """Decides when the next request is sent to the run. Times in monotonic seconds."""

    def __init__(self, send: Callable[[], None]) -> None:
        self._send = send
        self._wanted = False
        self._answered_at = float("-inf")
        self._sent_at = float("-inf")

    def add(self) -> None:
        """Add the request of a viewer for samples."""
        self._wanted = True

    def answer(self, now: float) -> None:
        """Mark all requests as answered by samples of the run, which every viewer receives."""
        self._wanted = False
        self._answered_at = now

    def send_due(self, now: float) -> None:
        """Send a request if a viewer wants samples, none is under way, and the last samples are old enough."""
        under_way = self._sent_at > self._answered_at and now - self._sent_at < MOST_WAIT
        if self._wanted and not under_way and now - self._answered_at >= INTERVAL:
            self._wanted, self._sent_at = False, now
            self._send()
