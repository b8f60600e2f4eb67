"""Scalars of a log as data: every point as its file holds it, in the order of writing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class LoggedPoints:
    """The points of one tag, arrays of shape (n,), in the order of writing. NaN and infinities are kept."""

    step: Ints
    """The optimizer step in a run of this program, else the step in the file."""
    wall_time: Floats
    """Unix seconds, as written."""
    value: Floats
    images: Ints | None = None
    """Training images, the step in the files of this program; None in logs of other programs."""

    def __len__(self) -> int:
        return len(self.value)

    def __getitem__(self, part: slice | NDArray[Any]) -> LoggedPoints:
        images = None if self.images is None else self.images[part]
        return LoggedPoints(self.step[part], self.wall_time[part], self.value[part], images)

    def in_order(self) -> LoggedPoints:
        """Sort by step; points of one step keep their order of writing."""
        if (self.step[1:] >= self.step[:-1]).all():
            return self
        return self[np.argsort(self.step, kind="stable")]

    @property
    def last(self) -> tuple[int, float]:
        """Step and value at the largest step, the last written one where there are several. Raises IndexError without points."""
        at = len(self) - 1 - int(np.argmax(self.step[::-1])) if len(self) else 0
        return int(self.step[at]), float(self.value[at])

    def like(self, other: LoggedPoints | None) -> LoggedPoints:
        """Share the arrays of steps and times with `other` where they are equal, as for most tags."""
        if other is None:
            return self
        shared = _shared(self.step, other.step), _shared(self.wall_time, other.wall_time)
        return LoggedPoints(*shared, self.value, self.images)


def end_to_end(parts: list[LoggedPoints]) -> LoggedPoints:
    """Concatenate points."""
    if len(parts) == 1:
        return parts[0]
    images = [part.images for part in parts if part.images is not None]
    return LoggedPoints(
        np.concatenate([part.step for part in parts]) if parts else np.empty(0, np.int64),
        np.concatenate([part.wall_time for part in parts]) if parts else np.empty(0, np.float64),
        np.concatenate([part.value for part in parts]) if parts else np.empty(0, np.float64),
        np.concatenate(images) if images and len(images) == len(parts) else None,
    )


def _shared(own: NDArray[Any], other: NDArray[Any]) -> NDArray[Any]:
    """Return the other array if both are equal."""
    return other if own is not other and own.shape == other.shape and bool((own == other).all()) else own
