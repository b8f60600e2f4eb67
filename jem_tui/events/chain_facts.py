"""Facts about one chain that the screen requests: its recorded states, and the training images that it resembles.

No request and no answer is recorded. Neither numpy nor torch is imported.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
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
    """The class probabilities of a chain under a model, and the training images that it resembles."""

    chain: int
    """Row of `Samples`."""
    step: int
    """Optimizer step of the chain."""
    probabilities: NDArray[np.float32]
    """p(y|x̂), shape (classes,)."""
    nearest: NDArray[np.uint8] | None = None
    """The training image with the smallest Euclidean distance, shape (height, width, channels); None without training images."""
    nearest_label: int = 0
    distance: float = math.nan
    """Euclidean distance to that image, of pixels in [−1, 1]."""
    mean: NDArray[np.uint8] | None = None
    """Mean of training images of the most probable class, shape (height, width, channels); gray without such images."""
    model_step: int | None = None
    """Optimizer step of the weights; None for that of the chain."""
    missing: str = ""
    """The reason for the absence of training images, as a sentence; "" while they are loaded."""

    def with_images(
        self, *, nearest: NDArray[np.uint8], nearest_label: int, distance: float, mean: NDArray[np.uint8]
    ) -> ChainInspection:
        """Return these facts with those about training images."""
        return replace(self, nearest=nearest, nearest_label=nearest_label, distance=distance, mean=mean)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainRefusal:
    """The reason for which a run that trains has no facts about a chain."""

    chain: int
    """Row of `Samples`."""
    text: str
    """State, cause and next action."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ChainState:
    """A recorded state of a chain as the subject of a question to a model."""

    chain: int
    """Row of `Samples`."""
    step: int
    """Optimizer step of the state."""
    image: NDArray[np.uint8]
    """The state, shape (height, width, channels)."""


ChainFacts = ChainFilm | ChainInspection | ChainRefusal
"""Everything that a source answers about a chain."""
