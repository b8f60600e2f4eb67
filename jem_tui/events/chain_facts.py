"""Facts about one chain that the screen requests: its recorded states, and the training images that it resembles.

No request and no answer is recorded, and none passes between processes. Neither numpy nor torch is imported.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from jem_tui.events.run import Samples


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ChainFilm:
    """Recorded states of one slot of the replay buffer, the earliest first. After a restart, the states are those of another chain."""

    chain: int
    """Row of `Samples`."""
    steps: tuple[int, ...]
    """Optimizer step of each state, ascending."""
    states: Samples
    """The states as rows."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ChainInspection:
    """A chain as the model of a live run sees it, and the training images that it resembles."""

    chain: int
    """Row of `Samples`."""
    step: int
    """Optimizer step of weights and chain."""
    probabilities: NDArray[np.float32]
    """p(y|x̂), shape (classes,)."""
    nearest: NDArray[np.uint8]
    """The training image with the smallest Euclidean distance, shape (height, width, channels)."""
    nearest_label: int
    distance: float
    """Euclidean distance to that image, of pixels in [−1, 1]."""
    mean: NDArray[np.uint8]
    """Mean of training images of the most probable class, shape (height, width, channels); gray without such images."""


ChainFacts = ChainFilm | ChainInspection
"""Everything that a source answers about a chain."""
