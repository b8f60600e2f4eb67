"""The points of one tag as read-only arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jem_tui.stream.log_data.points import LoggedPoints


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """One metric of a run: four read-only arrays of shape (n,), sorted by step.

    Points of one step keep their order of writing. Points that a rollback or a restart has replaced are left out; all other
    points are kept, neither merged nor thinned, with NaN and infinities.
    """

    tag: str
    """The tag, such as `JEM/accuracy`."""
    steps: NDArray[np.int64]
    """Optimizer steps; in logs of other programs the steps that they logged."""
    images: NDArray[np.int64] | None
    """Training images seen; None in logs of other programs."""
    times: NDArray[np.float64]
    """Unix seconds."""
    values: NDArray[np.float64]
    """Values with the precision of the file, which for most writers is single."""

    def __len__(self) -> int:
        return len(self.values)

    def __repr__(self) -> str:
        last = f", last {self.last:g}" if len(self) else ""
        return f"Curve({self.tag!r}, {len(self):,} points{last})"

    @property
    def last(self) -> float:
        """The value at the largest step, the last written one where there are several. Raises IndexError without points."""
        return float(self.values[-1])


def curve_of(tag: str, points: LoggedPoints) -> Curve:
    """Return the points of a tag as a curve, whose arrays share the memory of the points where these are in order."""
    found = points.in_order()
    images = None if found.images is None else _read_only(found.images)
    return Curve(tag, _read_only(found.step), images, _read_only(found.wall_time), _read_only(found.value))


def _read_only(array: NDArray[Any]) -> NDArray[Any]:
    view = array.view()
    view.flags.writeable = False
    return view
