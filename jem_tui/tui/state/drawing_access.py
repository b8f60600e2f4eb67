"""Access to the model of a run for drawings and for recorded states of chains. The command that opens a screen provides it, so that the screen imports no torch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from jem_tui.events.chain_facts import ChainInspection, ChainState
    from jem_tui.events.drawing import DrawingModel, DrawingRequest, DrawingScore, EnergyReference
    from jem_tui.events.run import ReportProgress

    OpenChains = Callable[[tuple[int, int, int], int, ReportProgress], "OpenedChains"]
    """A function that opens a model for images of a shape (height, width, channels) and a number of classes. Raises JemError."""
    OpenDrawings = Callable[[ReportProgress], "OpenedDrawings"]
    """A function that opens a model on the thread that will own it. Raises JemError."""

THREAD_NAME = "jem-drawings"
"""Name of the thread that owns an opened model."""


class OpenedDrawings(Protocol):
    """An opened model, which only the thread that has opened it uses."""

    @property
    def model(self) -> DrawingModel:
        """The properties of the model."""
        ...

    def score(self, request: DrawingRequest) -> DrawingScore | None:
        """Return the score of a drawing or of its chain; None without a drawing."""

    def compare(self) -> EnergyReference | None:
        """Score the next part of the data, and return all energies so far; None if there is nothing left to score."""


class OpenedChains(Protocol):
    """A model that was opened for recorded states of chains, which only the thread that has opened it uses."""

    def inspect(self, state: ChainState) -> ChainInspection:
        """Return the facts about a state, without those about training images before these are loaded."""
        ...

    def load_images(self) -> bool:
        """Load the training images at the first call, and return whether anything has changed."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawingAccess:
    """The model of a run folder, and the reader of image files."""

    open_drawings: OpenDrawings
    open_chains: OpenChains
    missing: Callable[[], str]
    """Returns why the folder has no model to open, as a sentence with a next action; "" if it has one."""
    read_image: Callable[[Path, tuple[int, int, int]], NDArray[np.uint8]]
    """Reads an image file in a shape (height, width, channels). Raises InputError."""
