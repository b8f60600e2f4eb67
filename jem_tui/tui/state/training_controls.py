"""Changing the course of a live run: what the keys, and the pane of pictures, have in common."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from jem_tui.events.commands import Adjust, Adjustable, Command, EvaluateNow, Reseed, RollBack
from jem_tui.tui.state.pending import PendingCommands

WORST = 16
"""Chains that `w` restarts."""
FRACTION = 0.1
"""Share of the buffer that `W` restarts."""
CERTAIN = 4.0
"""Seconds in which a key must be pressed again before steps are thrown away."""


class TrainingControls:
    """Sends commands, and keeps what was asked so that the screen can say so at once."""

    def __init__(
        self, pending: PendingCommands, send: Callable[[Command], None], now: Callable[[], float] = monotonic
    ) -> None:
        self._pending = pending
        self._send = send
        self._now = now

    def reseed(self) -> None:
        """Restart every chain from uniform noise."""
        self._reseed(Reseed())

    def reseed_worst(self) -> None:
        """Restart the chains of the highest energy."""
        self._reseed(Reseed(worst=WORST))

    def reseed_some(self) -> None:
        """Restart a share of the buffer."""
        self._reseed(Reseed(fraction=FRACTION))

    def reseed_chains(self, *rows: int) -> None:
        """Restart the chains in these rows of `Samples`."""
        self._reseed(Reseed(chains=rows))

    def turn(self, name: Adjustable, increments: int) -> None:
        """Turn a setting up or down."""
        self._send(Adjust(name=name, increments=increments))

    def evaluate(self) -> None:
        """Ask for an evaluation now."""
        self._pending.evaluation = True
        self._send(EvaluateNow())

    def roll_back(self) -> None:
        """Go back to the newest checkpoint; the first time it only says what a second press would do."""
        if self._now() < self._pending.confirm_until:
            self._pending.confirm_until = 0.0
            self._pending.rollback = True
            self._send(RollBack())
        else:
            self._pending.confirm_until = self._now() + CERTAIN

    def _reseed(self, command: Reseed) -> None:
        self._pending.reseed = True
        self._send(command)
