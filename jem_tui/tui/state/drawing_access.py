"""The ways to the model of a run for drawings, which the command that opens a screen provides: the screen imports no torch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from jem_tui.events.drawing import DrawingModel, DrawingRequest, DrawingScore, EnergyReference
    from jem_tui.events.run import ReportProgress

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


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawingAccess:
    """The model of a run folder, and the reader of image files."""

    open_drawings: OpenDrawings
    missing: Callable[[], str]
    """Returns why the folder has no model to open, as a sentence with a next action; "" if it has one."""
    read_image: Callable[[Path, tuple[int, int, int]], NDArray[np.uint8]]
    """Reads an image file in a shape (height, width, channels). Raises InputError."""
