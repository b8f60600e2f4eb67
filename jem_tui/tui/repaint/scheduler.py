"""Schedule of repaints: at every tick, the panes that are due and have changed are drawn."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from time import monotonic, thread_time
from typing import Protocol

from textual.widget import Widget

from jem_tui.tui.repaint.cpu_budget import FREE_SECONDS, CpuBudget
from jem_tui.tui.state.run_state import RunView

READING_SECONDS, READINGS = 1.0, 6
"""Seconds between two readings of the CPU time, and the number of readings in an average."""


class Drawable(Protocol):
    """The part of a pane that draws it: usually the widget itself."""

    def stamp(self, run: RunView) -> Hashable:
        """Return a value that differs as soon as there is something new to draw."""

    def draw(self, run: RunView) -> None:
        """Draw the state of the run."""


@dataclass(slots=True, kw_only=True)
class ScheduledPane:
    """Part of the screen that is drawn as a whole."""

    name: str
    interval: float
    """Minimum seconds between two repaints."""
    visible: Callable[[], bool]
    drawable: Drawable
    failed: Callable[[Exception], None]
    """Function that displays the failure of a pane in its area."""
    drawn: Hashable = None


class RepaintScheduler:
    """Scheduler that draws changed panes as often as the CPU budget allows.

    The cost of drawing is the CPU time of the screen's thread: rasters, strips, layout and output together.
    """

    def __init__(
        self,
        panes: Sequence[ScheduledPane],
        now: Callable[[], float] = monotonic,
        cpu: Callable[[], float] = thread_time,
    ) -> None:
        self._panes = tuple(panes)
        self._now = now
        self._cpu = cpu
        self._budget = CpuBudget(now())
        self._paid = cpu()
        self._begun: RunView | None = None
        """The run that has had its first metrics."""
        self._readings: deque[tuple[float, float]] = deque([(now(), self._paid)], maxlen=READINGS)

    def tick(self, run: RunView, share: float) -> None:
        """Draw the panes that have changed and are due, within `share` of the time."""
        used = self._cpu()
        self._budget.settle(self._now(), used - self._paid, share)
        self._paid = used
        self._read(self._now(), used)
        if run.series and run is not self._begun:
            self._begun = run
            self._budget = CpuBudget(self._now(), FREE_SECONDS)
        for pane in self._panes:
            if self._budget.due(pane.name, pane.interval):
                self._draw(pane, run)

    @property
    def cost(self) -> float | None:
        """Share of one core that the screen's thread used recently; None before the second reading."""
        (began, before), (now, used) = self._readings[0], self._readings[-1]
        return (used - before) / (now - began) if now - began >= READING_SECONDS else None

    def _read(self, now: float, used: float) -> None:
        """Store a reading if `READING_SECONDS` have passed since the last one."""
        if now - self._readings[-1][0] >= READING_SECONDS:
            self._readings.append((now, used))

    def draw_now(self, run: RunView) -> None:
        """Draw all changed panes regardless of the budget, in response to a key."""
        for pane in self._panes:
            self._draw(pane, run)

    def wants(self, name: str) -> bool:
        """Return whether the pane called `name` is visible and due."""
        return any(
            pane.visible() and self._budget.due(name, pane.interval) for pane in self._panes if pane.name == name
        )

    def _draw(self, pane: ScheduledPane, run: RunView) -> None:
        """Draw a changed pane; a pane that fails is tried again with later data, after its interval."""
        try:
            self._draw_new(pane, run)
        except Exception as error:
            pane.failed(error)
            self._budget.painted(pane.name)

    def _draw_new(self, pane: ScheduledPane, run: RunView) -> None:
        if not pane.visible():
            return
        stamp = (run, pane.drawable.stamp(run))
        if stamp != pane.drawn:
            pane.drawn = stamp
            pane.drawable.draw(run)
            self._budget.painted(pane.name)


def is_on_screen(widget: Widget) -> bool:
    """Return whether a widget has room on the screen."""
    return widget.size.area > 0 and all(node.display for node in widget.ancestors_with_self)
