"""Conversion of a loop's images, arrays or tensors of several shapes, to the tiles of a `Samples` event."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

MOST_PIXELS = 1 << 20
"""Maximum number of pixels of all tiles of one event; beyond it, images are left out, and a larger image is thinned."""
CHANNELS = (1, 3)


class TileConverter:
    """Converts images to tiles, and remembers which range their values have."""

    def __init__(self) -> None:
        self._signed = False
        """True once a value below 0 has shown that floats are in [−1, 1]."""

    def convert(self, images: Any, count: int, value_range: tuple[float, float] | None) -> NDArray[np.uint8]:
        """Return at most `count` images as tiles (n, height, width, channels), in a read-only array.

        `images` has the shape (n, channels, height, width), (n, height, width, channels) or (n, height, width), with 1 or 3
        channels. Integers are in 0…255, floats in `value_range`; without a range, floats are in [−1, 1] if any image of the
        run had a value below 0, else in [0, 1]. Raises ValueError or TypeError where the images have another form.
        """
        array = channels_last(as_array(images, count))
        array = array[: fitting(count, array.shape)]
        thinning = max(1, math.ceil(math.sqrt(array.shape[1] * array.shape[2] / MOST_PIXELS)))
        tiles = self._as_pixels(array[:, ::thinning, ::thinning], value_range)
        tiles.flags.writeable = False
        return tiles

    def _as_pixels(self, array: NDArray[Any], value_range: tuple[float, float] | None) -> NDArray[np.uint8]:
        if array.dtype.kind in "iu":
            return np.asarray(np.clip(array, 0, 255), np.uint8)
        low, high = (0.0, 1.0) if array.dtype.kind == "b" else value_range or self._guessed_range(array)
        scaled = (array.astype(np.float32) - low) * (255 / (high - low))
        return np.asarray(np.clip(np.nan_to_num(scaled, nan=0.0), 0, 255).round(), np.uint8)

    def _guessed_range(self, array: NDArray[Any]) -> tuple[float, float]:
        self._signed = self._signed or bool((array < 0).any())
        return (-1.0 if self._signed else 0.0), 1.0


def fitting(count: int, shape: tuple[int, ...]) -> int:
    """Return how many of `count` images of this shape (n, height, width, channels) an event may hold, at least one."""
    return min(count, max(1, MOST_PIXELS // (shape[1] * shape[2])))


def as_array(values: Any, count: int) -> NDArray[Any]:
    """Return the first `count` rows of an array, or of a tensor of torch, as a numeric array. Raises TypeError for anything else."""
    if len(getattr(values, "shape", ())) > 0 or isinstance(values, list | tuple):
        values = values[:count]
    if hasattr(values, "detach"):
        values = values.detach()
        # numpy has no bfloat16
        values = (values.float() if values.is_floating_point() else values).cpu().numpy()
    array = np.asarray(values)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{type(values).__name__} is not an array of numbers")
    return array


def channels_last(array: NDArray[Any]) -> NDArray[Any]:
    """Return images of shape (n, height, width, channels). Raises ValueError for images of another shape."""
    if array.ndim == 3:
        array = array[..., np.newaxis]
    elif array.ndim == 4 and array.shape[1] in CHANNELS:
        array = array.transpose(0, 2, 3, 1)
    if array.ndim != 4 or array.shape[3] not in CHANNELS or min(array.shape[1:3]) < 1:
        raise ValueError(f"their shape is {array.shape}, not (n, channels, height, width) with 1 or 3 channels")
    return array
