"""Training images that are displayed with samples of the same classes, so that a memorising or collapsed model can be seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from jem_tui.events.event import Event

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

REAL_IMAGES = "data/images"
"""Tag of the images in a log."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RealImages(Event):
    """Some training images of every class, in the order of their classes. Emitted once, at the start of a run with chains."""

    tiles: NDArray[np.uint8]
    """Shape (n, height, width, channels)."""
    labels: NDArray[np.int64]
    """The class of each image, shape (n,), ascending."""
    __eq__ = object.__eq__
    __hash__ = object.__hash__
