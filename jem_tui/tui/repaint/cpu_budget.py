"""CPU budget of the screen: repaints are spaced so that drawing stays below a share of the time."""

from __future__ import annotations

WHILE_TRAINING = 0.04
AT_LEISURE = 0.25
SLOWEST = 2.0
"""Seconds after which a pane is repainted even with a negative balance."""
FREE_SECONDS = 1.0
"""Seconds for which a screen with its first data may draw regardless of the balance, which its own start has made negative."""


class CpuBudget:
    """Account of drawing time: it earns a share of elapsed time, and spends the measured CPU time."""

    def __init__(self, now: float, free: float = 0.0) -> None:
        """Open an account, whose balance does not count for the first `free` seconds."""
        self._now = now
        self._counts_from = now + free
        self._balance = 0.0
        self._painted: dict[str, float] = {}

    def settle(self, now: float, spent: float, share: float) -> None:
        """Earn `share` of the seconds since the last call, and subtract `spent` seconds of drawing.

        The balance is limited to what `SLOWEST` seconds earn, in both directions, so that neither an expensive nor an idle moment
        has a lasting effect.
        """
        limit = share * SLOWEST
        earned = self._balance + share * (now - self._now) - spent
        self._balance = min(limit, max(-limit, earned))
        self._now = now

    def due(self, pane: str, interval: float) -> bool:
        """Return whether `pane` may be repainted, given the minimum number of seconds between two repaints."""
        waited = self._now - self._painted.get(pane, -SLOWEST)
        affordable = self._balance >= 0.0 or self._now < self._counts_from
        return waited >= SLOWEST or (waited >= interval and affordable)

    def painted(self, pane: str) -> None:
        """Start the wait for the next repaint of `pane`."""
        self._painted[pane] = self._now
