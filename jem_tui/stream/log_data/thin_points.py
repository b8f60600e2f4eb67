"""Selection of points that keeps the extremes of every metric."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from jem_tui.events.recording import Points


def thin_points(points: Mapping[str, Points], most: int) -> dict[str, Points]:
    """Return at most `most` points (no fewer than four) for each metric.

    Kept are the first and the last point and, for each metric, the lowest and the highest value of every segment. Metrics that
    share the array of their steps still share one.
    """
    thinned: dict[str, Points] = {}
    for tags in _by_steps(points):
        shared = points[tags[0]]
        rows = rows_with_extremes([points[tag].values for tag in tags], max(4, most))
        steps, images, times = shared.steps[rows], shared.images[rows], shared.times[rows]
        thinned |= {tag: Points(steps, images, times, points[tag].values[rows]) for tag in tags}
    return {tag: thinned[tag] for tag in points}


def rows_with_extremes(columns: Sequence[NDArray[np.float64]], most: int) -> NDArray[np.int64]:
    """Return at most `most` ascending rows of `columns`, arrays of shape (n,).

    There are as many segments as the lowest and the highest finite value of each column leave room for; what is left of the
    room is filled evenly.
    """
    n = len(columns[0])
    if n <= most:
        return np.arange(n)
    segments = (most - 2) // (2 * len(columns))
    ends = np.array([0, n - 1])
    kept = np.unique(np.concatenate([ends, *(_extremes(column, segments) for column in columns)])) if segments else ends
    evenly = np.linspace(0, n - 1, most - len(kept)).astype(np.int64)
    return np.union1d(kept, evenly)


def _extremes(values: NDArray[np.float64], segments: int) -> NDArray[np.int64]:
    """Return the rows of the lowest and the highest finite value in each of some segments of equal length."""
    width = -(-len(values) // segments)
    padding = np.full(-len(values) % width, np.nan)
    grid = np.concatenate([values, padding]).reshape(-1, width)
    finite = np.isfinite(grid)
    starts = np.arange(len(grid)) * width
    lowest = np.where(finite, grid, np.inf).argmin(axis=1) + starts
    highest = np.where(finite, grid, -np.inf).argmax(axis=1) + starts
    extremes: NDArray[np.int64] = np.concatenate([lowest, highest])[np.tile(finite.any(axis=1), 2)]
    return extremes


def _by_steps(points: Mapping[str, Points]) -> list[list[str]]:
    """Return the tags grouped by the memory of the steps, images and times that they share."""
    groups: dict[tuple[int, ...], list[str]] = {}
    for tag, known in points.items():
        shared = (known.steps, known.images, known.times)
        groups.setdefault((len(known), *(array.ctypes.data for array in shared)), []).append(tag)
    return list(groups.values())
