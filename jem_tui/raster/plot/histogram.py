"""Bars of block characters: histograms, one under the other over a common axis, and short meters."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from jem_tui.raster.plot.ranges import nonempty_limits
from jem_tui.raster.plot.ticks import LARGEST

EIGHTHS = " ▁▂▃▄▅▆▇█"
LEFT_EIGHTHS = " ▏▎▍▌▋▊▉█"


def bars(heights: Sequence[float] | NDArray[np.float64], columns: int, rows: int) -> list[str]:
    """Draw rows of characters, the top one first, of bars over `columns`; the highest bar fills all `rows`.

    A bar is as wide as its share of the columns; one that is not zero shows at least an eighth of a row. What is no number, or
    below zero, has no bar.
    """
    values = np.nan_to_num(np.asarray(heights, dtype=np.float64)).clip(0)
    if not len(values) or columns <= 0 or rows <= 0:
        return [" " * max(0, columns)] * max(0, rows)
    spread = values[np.minimum(np.arange(columns) * len(values) // columns, len(values) - 1)]
    top = spread.max()
    if top <= 0:
        return [" " * columns] * rows
    eighths = np.maximum(np.round(8 * rows * (spread / top)), spread > 0).astype(int)
    levels = np.clip(eighths[None, :] - 8 * np.arange(rows - 1, -1, -1)[:, None], 0, 8)
    return ["".join(EIGHTHS[level] for level in row) for row in levels]


def meter(share: float, columns: int) -> str:
    """Draw a bar from the left, `share` in [0, 1] of `columns` wide, to an eighth of a column; no bar for NaN."""
    eighths = round(8 * max(0, columns) * min(1.0, max(0.0, share)))
    full, rest = divmod(eighths, 8)
    return ("█" * full + (LEFT_EIGHTHS[rest] if rest else "")).ljust(columns)


def rebin(edges: NDArray[np.float64], counts: NDArray[np.float64], columns: int) -> NDArray[np.float64]:
    """Return the counts over so many columns of equal width, those of a bin spread evenly over it; shape (columns,).

    What lies all at one value is in the columns of that value.
    """
    if columns <= 0 or len(edges) != len(counts) + 1:
        return np.zeros(max(0, columns))
    edges = np.nan_to_num(edges).clip(-LARGEST, LARGEST)
    low, high = float(edges[0]), float(edges[-1])
    if not low < high:
        low, high = nonempty_limits(low - 0.5, low + 0.5)
    grid = np.linspace(low, high, columns + 1)
    width = np.maximum(np.diff(edges), (high - low) / columns)
    start = np.minimum(edges[:-1], high - width)
    share = (np.minimum(grid[1:, None], start + width) - np.maximum(grid[:-1, None], start)).clip(0) / width
    found: NDArray[np.float64] = share @ counts
    return found
