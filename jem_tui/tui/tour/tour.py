"""The position in the tour, independent of its panel."""

from __future__ import annotations

from collections.abc import Sequence

from jem_tui.tui.tour.tour_steps import TourStep


class Tour:
    """Steps of which one is current, until the tour ends after the last one."""

    def __init__(self, steps: Sequence[TourStep]) -> None:
        self.steps = steps
        self.number = 0
        """Index of the current step."""
        self.task_done = False
        """True once a key has done the task of the current step."""

    @property
    def step(self) -> TourStep:
        """The current step."""
        return self.steps[self.number]

    def pressed(self, name: str) -> bool:
        """Return whether the key `name` does the task of the step for the first time, and mark the task as done."""
        first = name in self.step.keys and not self.task_done
        self.task_done = self.task_done or first
        return first

    def move(self, by: int) -> bool:
        """Move to the next step or the previous one; return False after the last step."""
        if self.number + by >= len(self.steps):
            return False
        self.number = max(0, self.number + by)
        self.task_done = False
        return True
