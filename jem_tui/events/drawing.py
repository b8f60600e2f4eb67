"""Requests for the score of a drawing, and their answers. No request and no answer is recorded.

A scorer, which owns a network, receives requests on its own thread or between two training steps. Neither numpy nor torch is imported.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DrawingRequest:
    """A request for the score of a drawing, or of the state of the chain that has started from the newest drawing."""

    number: int
    """The number of the request, which its answer repeats. Request 0 asks for the model alone."""
    pixels: NDArray[np.uint8] | None = None
    """A drawing (height, width, channels), from which a new chain starts; None continues the chain."""
    steps: int = 0
    """Sampler steps of the chain before the score."""
    label: int | None = None
    """The class y of p(x|y) that the steps follow; None for p(x)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawingModel:
    """The properties of a network that can score drawings."""

    shape: tuple[int, int, int]
    """Height, width and channels (1 or 3) of an image."""
    class_names: tuple[str, ...]
    """Names of the classes, in the order of the logits."""
    paper: int
    """The usual gray level at the border of a training image, 0…255."""
    averaged: bool
    """True if the scores are those of averaged weights."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EnergyReference:
    """Energies of images and chains under the network that scores a drawing, and the threshold of OOD detection."""

    step: int
    """Optimizer steps of the weights."""
    train: NDArray[np.float32]
    """E(x) of training images, in nats, shape (n,)."""
    held_out: NDArray[np.float32]
    """E(x) of validation images, shape (n,)."""
    chains: NDArray[np.float32]
    """E(x̂) of the replay buffer, shape (n,), which can be empty."""
    threshold: float
    """The energy that `kept` of the validation images do not exceed; a drawing with a higher energy counts as OOD."""
    kept: float
    """The share of validation images that defines the threshold."""
    false_positives: float
    """The share of test images above the threshold, which count as OOD by mistake; NaN without test images."""
    tested: int
    """Number of test images behind `false_positives`."""
    unfinished: bool = False
    """True while more images are being scored, so that the threshold still changes."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DrawingScore:
    """The score of a drawing, or of the state of the chain that started from it."""

    number: int
    """The number of the request."""
    step: int
    """Optimizer steps of the weights."""
    probabilities: NDArray[np.float32]
    """p(y|x), shape (classes,)."""
    energy: float
    """E(x), in nats."""
    image: NDArray[np.uint8]
    """The scored image, shape (height, width, channels)."""
    moved: int
    """Sampler steps since the drawing."""
    seconds: float = 0.0
    """Seconds that the request has taken from a run that trains."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawingProgress:
    """The activity of a scorer that is not ready yet."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawingFailure:
    """A request that failed, or a scorer that cannot be opened."""

    text: str
    """State, cause and next action."""
    final: bool = False
    """True if no later request can succeed."""


DrawingAnswer = DrawingModel | EnergyReference | DrawingScore | DrawingProgress | DrawingFailure
"""Everything that a scorer answers."""
