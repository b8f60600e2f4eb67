"""Order and selection of the displayed chains."""

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
"""Sort orders of chains; "" is the order of the replay buffer."""
_FOLLOWING = dict(pairwise((*ORDERS, ORDERS[0])))
_MOST_OF_NAME = 24
"""Maximum width of the name of the filtered class in columns."""
_PARTS = ("tiles", "energy", "age", "predicted", "confidence", "reseeds")


class ChainOrder:
    """Sort order, class filter and pinned chains; pinned chains come first and pass the filter."""

    def __init__(self) -> None:
        self.order = ORDERS[0]
        self.wanted: int | None = None
        """Number of the only displayed class; None for all classes."""
        self.pinned: list[int] = []
        """Rows of `Samples` in the order in which they were pinned."""

    def cycle_order(self) -> None:
        """Select the next of `ORDERS`."""
        self.order = _FOLLOWING[self.order]

    def cycle_class(self, classes: Sequence[int]) -> None:
        """Filter by the next of the ascending `classes`, or show all classes after the last."""
        self.wanted = next((each for each in classes if self.wanted is None or each > self.wanted), None)

    def pin(self, row: int) -> None:
        """Pin a chain, or unpin a pinned one."""
        if row in self.pinned:
            self.pinned.remove(row)
        else:
            self.pinned.append(row)

    def rows(self, samples: Samples) -> Rows:
        """Return the displayed rows of `samples` in order; equal rows keep the order of the replay buffer."""
        rows = np.lexsort(self._keys(samples))
        if self.wanted is not None:
            rows = rows[samples.predicted[rows] == self.wanted]
        first = np.array([row for row in self.pinned if row < len(samples.tiles)], dtype=np.intp)
        return np.concatenate([first, rows[~np.isin(rows, first)]])

    def described(self, class_names: Sequence[str]) -> str:
        """Describe the order, the filter and the number of pinned chains; empty for the defaults."""
        words = [f"{self.order} first" if self.order not in ("", "class") else "by class" if self.order else ""]
        if self.wanted is not None:
            words.append(f"only {shorten(class_name(class_names, self.wanted), _MOST_OF_NAME)}")
        if self.pinned:
            words.append(f"{len(self.pinned)} pinned")
        return " · ".join(filter(None, words))

    def _keys(self, samples: Samples) -> tuple[NDArray[np.float64], ...]:
        """Return the sort keys, the most significant last."""
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
    """Return a copy of the event with the chains in `rows`, in the order of `rows`."""
    index = np.asarray(rows, dtype=np.intp)
    return replace(samples, **{name: getattr(samples, name)[index] for name in _PARTS})
