"""A budget for the screen: repaints are spaced so that drawing stays below a share of the time."""

from __future__ import annotations

WHILE_TRAINING = 0.04
AT_LEISURE = 0.25
SLOWEST = 2.0
"""Seconds after which a pane is repainted even without money."""


class CpuBudget:
    """An account of drawing time: it earns a share of the time that passes, and pays what was measured."""

    def __init__(self, now: float) -> None:
        self._now = now
        self._balance = 0.0
        self._painted: dict[str, float] = {}

    def settle(self, now: float, spent: float, share: float) -> None:
        """Earn `share` of the seconds since the last call, and pay `spent` seconds of drawing.

        Debt and savings end at what `SLOWEST` seconds earn, so that neither a costly moment nor an idle one has a long echo.
        """
        limit = share * SLOWEST
        earned = self._balance + share * (now - self._now) - spent
        self._balance = min(limit, max(-limit, earned))
        self._now = now

    def due(self, pane: str, interval: float) -> bool:
        """Whether `pane` may be repainted, given the least number of seconds between two repaints."""
        waited = self._now - self._painted.get(pane, -SLOWEST)
        return waited >= SLOWEST or (waited >= interval and self._balance >= 0.0)

    def painted(self, pane: str) -> None:
        """Start the wait for the next repaint of `pane`."""
        self._painted[pane] = self._now
