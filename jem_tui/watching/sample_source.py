"""The images that a watched loop shows as samples, as `Samples` events."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jem_tui.events.run import At, Samples
from jem_tui.watching.tiles import TileConverter, as_array

_UNKNOWN: dict[str, tuple[Any, Any]] = {
    "energy": (np.float32, np.nan),
    "age": (np.int64, -1),
    "predicted": (np.int64, 0),
    "confidence": (np.float32, np.nan),
    "reseeds": (np.int64, 0),
}
"""Type of each column of `Samples`, and the value of all rows where the loop gives none."""


@dataclass(frozen=True, kw_only=True)
class SampleBatch:
    """Images with what is known about each: arrays or tensors of shape (n,), or None."""

    images: Any
    """An array, a tensor, or a function that returns one or a mapping with the names of these fields."""
    energy: Any = None
    predicted: Any = None
    confidence: Any = None
    age: Any = None

    def detached(self) -> SampleBatch:
        """Return the batch without the autograd graph of its tensors, which would stay in memory."""
        return SampleBatch(**{name: _detached(value) for name, value in vars(self).items()})

    def evaluated(self) -> SampleBatch:
        """Return the batch with the result of its function in place of the function."""
        if not callable(self.images):
            return self
        found = self.images()
        return SampleBatch(**found) if isinstance(found, Mapping) else SampleBatch(images=found)


class SampleSource:
    """The newest images of a loop, converted to an event only when they are recorded or requested."""

    def __init__(self, count: int, value_range: tuple[float, float] | None, every: int = 100) -> None:
        """Prepare events of at most `count` images. Raises ValueError for impossible values."""
        if count < 1:
            raise ValueError(f"tiles must be at least 1, not {count}.")
        if value_range is not None and not value_range[0] < value_range[1]:
            raise ValueError(f"value_range must be a lower and a higher number, not {value_range}.")
        self.every = every
        """Steps between two recordings after the first; 0: images are only displayed."""
        self._count = count
        self._value_range = value_range
        self._converter = TileConverter()
        self._newest: SampleBatch | None = None

    def __bool__(self) -> bool:
        """Return whether there are any images."""
        return self._newest is not None

    def keep(self, batch: SampleBatch) -> None:
        """Replace the newest images."""
        self._newest = batch.detached()

    def event(self, at: Callable[[], At], *, requested: bool) -> Samples | None:
        """Return the newest images as an event, None without images. Raises an exception where they cannot be displayed."""
        if self._newest is None:
            return None
        batch = self._newest.evaluated()
        tiles = self._converter.convert(batch.images, self._count, self._value_range)
        given: dict[str, Any] = {"reseeds": None, **vars(batch)}
        rows = len(batch.images)
        columns = {name: _column(name, given[name], rows)[: len(tiles)] for name in _UNKNOWN}
        return Samples(**at().fields(), tiles=tiles, **columns, requested=requested)


def _column(name: str, values: Any, rows: int) -> NDArray[Any]:
    """Return one value for each of the `rows` images, read-only. Raises ValueError where there are more or fewer."""
    dtype, unknown = _UNKNOWN[name]
    array = np.full(rows, unknown, dtype) if values is None else as_array(values, rows + 1).astype(dtype)
    if array.shape != (rows,):
        raise ValueError(f"{name} has the shape {array.shape}, not ({rows},)")
    array.flags.writeable = False
    return array


def _detached(value: Any) -> Any:
    return value.detach() if hasattr(value, "detach") else value
