"""Which chains are shown, and in which order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from jem_tui.events.run import Samples
from jem_tui.raster.tiles.class_names import class_name
from jem_tui.tui.state.text_formats import shorten

Rows = NDArray[np.intp]
ORDERS = ("", "lowest energy", "highest energy", "oldest", "class")
"""What chains are sorted by; "" leaves them as they are in the buffer."""
_FOLLOWING = dict(pairwise((*ORDERS, ORDERS[0])))
_MOST_OF_NAME = 24
"""Columns of the name of the only class that is shown."""
_PARTS = ("tiles", "energy", "age", "predicted", "confidence", "reseeds")


class ChainOrder:
    """Sorted by one of `ORDERS`, of one predicted class or of all; pinned chains come first whatever else is wanted."""

    def __init__(self) -> None:
        self.order = ORDERS[0]
        self.wanted: int | None = None
        """The only class that is shown; None: all."""
        self.pinned: list[int] = []
        """Rows of `Samples`, in the order in which they were pinned."""

    def cycle_order(self) -> None:
        """Sort by what comes next."""
        self.order = _FOLLOWING[self.order]

    def cycle_class(self, classes: Sequence[int]) -> None:
        """Show the next of the `classes`, ascending, alone, after the last one all again."""
        self.wanted = next((each for each in classes if self.wanted is None or each > self.wanted), None)

    def pin(self, row: int) -> None:
        """Keep a chain first, or let it go again."""
        if row in self.pinned:
            self.pinned.remove(row)
        else:
            self.pinned.append(row)

    def rows(self, samples: Samples) -> Rows:
        """The rows of `samples` to show, in their order; equal ones as in the buffer."""
        rows = np.lexsort(self._keys(samples))
        if self.wanted is not None:
            rows = rows[samples.predicted[rows] == self.wanted]
        first = np.array([row for row in self.pinned if row < len(samples.tiles)], dtype=np.intp)
        return np.concatenate([first, rows[~np.isin(rows, first)]])

    def described(self, class_names: Sequence[str]) -> str:
        """What is not as in the buffer, in a few words; empty if nothing is."""
        words = [f"{self.order} first" if self.order not in ("", "class") else "by class" if self.order else ""]
        if self.wanted is not None:
            words.append(f"only {shorten(class_name(class_names, self.wanted), _MOST_OF_NAME)}")
        if self.pinned:
            words.append(f"{len(self.pinned)} pinned")
        return " · ".join(filter(None, words))

    def _keys(self, samples: Samples) -> tuple[NDArray[np.float64], ...]:
        """What to sort by, the most important last."""
        energy, age, predicted = (
            np.asarray(column, dtype=np.float64) for column in (samples.energy, samples.age, samples.predicted)
        )
        match self.order:
            case "lowest energy":
                return (energy,)
            case "highest energy":
                return (-energy,)
            case "oldest":
                return (-age,)
            case "class":
                return energy, predicted
            case _:
                return (np.zeros(len(energy)),)


def take_chains(samples: Samples, rows: Rows | Sequence[int]) -> Samples:
    """The same event with these chains alone, in this order."""
    index = np.asarray(rows, dtype=np.intp)
    return replace(samples, **{name: getattr(samples, name)[index] for name in _PARTS})
