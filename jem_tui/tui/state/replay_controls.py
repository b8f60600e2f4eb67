"""Moving through a recording: what the keys, the slider and the input for a step have in common."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable

from jem_tui.events.commands import Command, Pause, Seek, Speed
from jem_tui.events.recording import Mark
from jem_tui.tui.state.pending import PendingCommands
from jem_tui.tui.state.run_state import RunState

SLOWEST, FASTEST = 1 / 4, 64.0
"""Multiples of the recorded pace that keys lead to."""


class ReplayControls:
    """Sends a replay to a step or changes its speed."""

    def __init__(self, state: RunState, pending: PendingCommands, send: Callable[[Command], None]) -> None:
        self._state = state
        self._pending = pending
        self._send = send
        self._wanted: int | None = None
        """Where a hand on the slider is, while an earlier jump is under way."""
        self._stop: int | None = None
        """The mark that was jumped to last; the newest step may stay before it, where steps are far apart."""

    @property
    def span(self) -> tuple[int, int]:
        """First and last step that can be jumped to."""
        ahead, run = self._state.outlook, self._state.run
        if ahead is not None:
            return ahead.first_step, ahead.last_step
        return 0, run.info.total_steps if run is not None else 0

    @property
    def step(self) -> int:
        """Where the replay is, or is about to be."""
        run = self._state.run
        sought = self._pending.seek if self._wanted is None else self._wanted
        if sought is not None:
            return sought
        return run.step if run is not None else 0

    @property
    def marks(self) -> tuple[Mark, ...]:
        return self._state.outlook.marks if self._state.outlook is not None else ()

    def seek(self, step: int) -> None:
        """Jump to the end of `step`, clipped to the recording."""
        self._stop = None
        first, last = self.span
        target = max(first, min(step, last))
        self._wanted = None
        self._pending.jump_to(target)
        self._send(Seek(step=target))

    def seek_by(self, steps: int) -> None:
        """Jump so many steps ahead or back, from where the last jump is going to end; from the end of all, to stay there."""
        run = self._state.run
        if run is not None and run.ended and not self._state.paused:
            self._pending.pause = True
            self._send(Pause())
        self.seek(self.step + steps)

    def seek_mark(self, ahead: bool) -> None:
        """Jump to the next mark or the one before; without one, to the end or the start."""
        stops = self._stops()
        here = self.step if self._stop is None else max(self.step, self._stop)
        at = bisect_right(stops, here) if ahead else bisect_left(stops, here) - 1
        target = stops[at] if 0 <= at < len(stops) else self.span[ahead]
        self.seek(target)
        self._stop = target

    def _stops(self) -> list[int]:
        """Return where each mark is reached, ascending: at the first recorded step that is not before it."""
        marked = sorted(mark.step for mark in self.marks)
        points = self._state.run.ahead.values() if self._state.run is not None else ()
        recorded = max((each.steps for each in points), key=len, default=None)
        if recorded is None or not len(recorded):
            return marked
        places = recorded.searchsorted(marked).tolist()
        return [
            int(recorded[place]) if place < len(recorded) else step for step, place in zip(marked, places, strict=True)
        ]

    def scrub(self, step: int) -> None:
        """Follow a hand on the slider: one jump at a time, and the last place counts."""
        if self._pending.seek is None:
            self.seek(step)
        else:
            self._wanted = step

    def settle(self) -> None:
        """Go on to where the hand on the slider has moved, once the jump before has ended."""
        if self._wanted is not None and self._pending.seek is None:
            self.seek(self._wanted)

    def multiply_speed(self, factor: float) -> None:
        """Replay faster or slower, within bounds; pauses are cut short again."""
        speed = self._state.speed if self._pending.speed is None else self._pending.speed
        low, high = min(SLOWEST, speed), max(FASTEST, speed)  # a replay may have been begun at a speed beyond
        self._ask_speed(Speed(factor=min(high, max(low, speed * factor))))

    def keep_to_record(self) -> None:
        """Replay exactly as it was recorded, with every pause in full."""
        self._ask_speed(Speed(factor=1.0, as_recorded=True))

    def _ask_speed(self, command: Speed) -> None:
        self._pending.speed = command.factor
        self._send(command)
