"""Displayed names of classes: the name where it can be displayed, else the number."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from jem_tui.raster.cells.glyphs import is_narrow


def class_name(names: Sequence[str], index: int) -> str:
    """Return the name of a class, or its number if it has no name; negative numbers have no name."""
    return names[index] if 0 <= index < len(names) and names[index] else str(index)


def cell_names(names: Sequence[str]) -> list[str]:
    """Return the names, with the number of a class in place of a name that a grid of cells cannot hold."""
    return [name if name and is_narrow(name) else str(index) for index, name in enumerate(names)]


def known_classes(names: Sequence[str], predicted: NDArray[np.int64]) -> list[int]:
    """Return the numbers of the classes that have a name or are predicted, ascending."""
    return sorted({*range(len(names)), *np.unique(predicted).tolist()})


def label_predictions(names: Sequence[str], predicted: NDArray[np.int64]) -> tuple[NDArray[np.intp], list[str]]:
    """Return the index of each predicted class among the known classes, and the labels of the known classes."""
    known, written = known_classes(names, predicted), cell_names(names)
    return np.searchsorted(known, predicted), [class_name(written, number) for number in known]
