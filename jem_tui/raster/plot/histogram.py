"""Bars of block characters: histograms and meters."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from jem_tui.raster.plot.ranges import nonempty_limits
from jem_tui.raster.plot.scales.ticks import LARGEST

EIGHTHS = " ▁▂▃▄▅▆▇█"
LEFT_EIGHTHS = " ▏▎▍▌▋▊▉█"


def bars(heights: Sequence[float] | NDArray[np.float64], columns: int, rows: int) -> list[str]:
    """Draw bars over `columns` as rows of characters, the top row first; the highest bar fills all `rows`.

    The bars share the columns equally; a positive height shows at least an eighth of a row. NaN and negative heights have no bar.
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
    """Draw a bar from the left whose width is `share` in [0, 1] of `columns`, to an eighth of a column; no bar for NaN."""
    eighths = round(8 * max(0, columns) * min(1.0, max(0.0, share)))
    full, rest = divmod(eighths, 8)
    return ("█" * full + (LEFT_EIGHTHS[rest] if rest else "")).ljust(columns)


def rebin(edges: NDArray[np.float64], counts: NDArray[np.float64], columns: int) -> NDArray[np.float64]:
    """Spread the counts of bins over `columns` columns of equal width, evenly within a bin; shape (columns,).

    A bin narrower than a column counts as one column wide.
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
