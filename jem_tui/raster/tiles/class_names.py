"""Names of classes: the name of a class where it can be written, else its number."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from jem_tui.raster.cells.glyphs import is_narrow


def class_name(names: Sequence[str], index: int) -> str:
    """Return the name of a class, or its number where it has none; numbers below 0 have none."""
    return names[index] if 0 <= index < len(names) and names[index] else str(index)


def cell_names(names: Sequence[str]) -> list[str]:
    """Return the names, and for one that a grid of cells cannot hold the number of its class."""
    return [name if name and is_narrow(name) else str(index) for index, name in enumerate(names)]


def known_classes(names: Sequence[str], predicted: NDArray[np.int64]) -> list[int]:
    """Return the numbers of the classes that have a name or are predicted, ascending."""
    return sorted({*range(len(names)), *np.unique(predicted).tolist()})


def label_predictions(names: Sequence[str], predicted: NDArray[np.int64]) -> tuple[NDArray[np.intp], list[str]]:
    """Return for each prediction the place of its class among the known ones, and a label for each of these."""
    known, written = known_classes(names, predicted), cell_names(names)
    return np.searchsorted(known, predicted), [class_name(written, number) for number in known]
