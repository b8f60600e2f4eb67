"""The number of training images seen after each step of a run."""

from __future__ import annotations

from array import array


class StepImages:
    """Images seen after each step of this session, which a rollback needs again; eight bytes a step."""

    def __init__(self, step: int, images: int) -> None:
        self._first = step
        self._seen = array("q", [images])

    @property
    def step(self) -> int:
        """Steps done."""
        return self._first + len(self._seen) - 1

    @property
    def images(self) -> int:
        """Images seen."""
        return self._seen[-1]

    def advance(self, images: int) -> None:
        """Count one step of some images."""
        self._seen.append(self._seen[-1] + images)

    def roll_back(self, step: int) -> None:
        """Return to an earlier step. Before the first step of this session, the images are proportional to the steps.

        Raises ValueError for a step that the run has not reached.
        """
        if not 0 <= step <= self.step:
            raise ValueError(f"step {step} is not one of the {self.step} steps of the run")
        if step >= self._first:
            del self._seen[step - self._first + 1 :]
        else:
            self._first, self._seen = step, array("q", [self._seen[0] * step // self._first])
