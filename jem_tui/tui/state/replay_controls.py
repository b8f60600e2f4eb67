"""Seek and speed of a replay, for the keys, the timeline bar and the input of a step."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable

from jem_tui.events.commands import Command, Pause, Resume, Seek, Speed
from jem_tui.events.recording import Mark
from jem_tui.tui.state.pending import PendingCommands
from jem_tui.tui.state.run_state import RunState

SLOWEST, FASTEST = 1 / 4, 64.0
"""Limits of the speed that keys set, as multiples of the recorded pace."""


class ReplayControls:
    """Sends commands that seek in a replay or change its speed."""

    def __init__(self, state: RunState, pending: PendingCommands, send: Callable[[Command], None]) -> None:
        self._state = state
        self._pending = pending
        self._send = send
        self._dragged_to: int | None = None
        """Step to which the slider has been dragged while an earlier seek is pending."""
        self._stop: int | None = None
        """The mark of the last jump; the newest step may be before the mark where recorded steps are far apart."""

    @property
    def span(self) -> tuple[int, int]:
        """First and last step of the recording."""
        recording, run = self._state.recording, self._state.run
        if recording is not None:
            return recording.first_step, recording.last_step
        return 0, run.info.total_steps if run is not None else 0

    @property
    def step(self) -> int:
        """The step of the replay, or the step of a pending seek."""
        run = self._state.run
        sought = self._pending.seek if self._dragged_to is None else self._dragged_to
        if sought is not None:
            return sought
        return run.step if run is not None else 0

    @property
    def marks(self) -> tuple[Mark, ...]:
        """Event marks of the recording, ascending."""
        return self._state.recording.marks if self._state.recording is not None else ()

    def seek(self, step: int) -> None:
        """Seek to the end of `step`, clipped to the recording."""
        self._stop = None
        self._dragged_to = None
        first, last = self.span
        self._send(Seek(step=max(first, min(step, last))))

    def seek_by(self, steps: int) -> None:
        """Seek `steps` ahead (or back, if negative) of the replay or of its pending seek; a replay at its end pauses first."""
        run = self._state.run
        if run is not None and run.ended and not self._state.paused:
            self._send(Pause())
        self.seek(self.step + steps)

    def play_again(self) -> None:
        """Play the recording from its start."""
        self.seek(self.span[0])
        if self._state.paused:
            self._send(Resume())

    def seek_mark(self, ahead: bool) -> None:
        """Seek to the next mark or the previous one; without such a mark, to the end or the start."""
        stops = self._stops()
        here = self.step if self._stop is None else max(self.step, self._stop)
        index = bisect_right(stops, here) if ahead else bisect_left(stops, here) - 1
        target = stops[index] if 0 <= index < len(stops) else self.span[ahead]
        self.seek(target)
        self._stop = target

    def _stops(self) -> list[int]:
        """Return the first recorded step at or after each mark, ascending."""
        marked = sorted(mark.step for mark in self.marks)
        points = self._state.run.recorded.values() if self._state.run is not None else ()
        recorded = max((each.steps for each in points), key=len, default=None)
        if recorded is None or not len(recorded):
            return marked
        places = recorded.searchsorted(marked).tolist()
        return [
            int(recorded[place]) if place < len(recorded) else step for step, place in zip(marked, places, strict=True)
        ]

    def drag_to(self, step: int) -> None:
        """Follow the dragged slider: one seek is pending at a time, and the newest position replaces those before it."""
        if self._pending.seek is None:
            self.seek(step)
        else:
            self._dragged_to = step

    def continue_drag(self) -> None:
        """Seek to the newest position of the dragged slider once the earlier seek has ended."""
        if self._dragged_to is not None and self._pending.seek is None:
            self.seek(self._dragged_to)

    def multiply_speed(self, factor: float) -> None:
        """Multiply the speed by `factor`, within limits, and shorten recorded pauses again."""
        speed = self._state.speed if self._pending.speed is None else self._pending.speed
        # a replay may have been started at a speed beyond the limits
        low, high = min(SLOWEST, speed), max(FASTEST, speed)
        self._send(Speed(factor=min(high, max(low, speed * factor))))

    def play_as_recorded(self) -> None:
        """Replay at the recorded pace, with every pause in full."""
        self._send(Speed(factor=1.0, as_recorded=True))
