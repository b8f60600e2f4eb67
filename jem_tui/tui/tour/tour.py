"""The position in the tour, independent of its panel."""

from __future__ import annotations

from collections.abc import Sequence

from jem_tui.tui.tour.tour_steps import TourStep


class Tour:
    """Steps of which one is current, until the tour ends after the last one."""

    def __init__(self, steps: Sequence[TourStep], closing: TourStep | None = None) -> None:
        """Start with the first of `steps`; `closing` is a page after the last one."""
        self.steps = steps
        self._pages = [*steps, *([closing] if closing is not None else [])]
        self.number = 0
        """Index of the current step."""
        self.task_done = False
        """True once a key has done the task of the current step."""
        self.notice = ""
        """Sentence about what the step has changed in the run when it began."""

    @property
    def step(self) -> TourStep:
        """The current step, or the closing page."""
        return self._pages[self.number]

    @property
    def complete(self) -> bool:
        """True on the closing page."""
        return self.number == len(self.steps)

    def pressed(self, name: str) -> bool:
        """Return whether the key `name` does the task of the step for the first time, and mark the task as done."""
        first = name in self.step.keys and not self.task_done
        self.task_done = self.task_done or first
        return first

    def move(self, by: int) -> bool:
        """Move to the next step or the previous one; return False after the last page."""
        if self.number + by >= len(self._pages):
            return False
        self.number = max(0, self.number + by)
        self.task_done, self.notice = False, ""
        return True
