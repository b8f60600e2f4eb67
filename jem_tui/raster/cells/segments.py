"""Rich segments of rows of cells."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from rich.color import Color
from rich.segment import Segment
from rich.style import Style

from jem_tui.raster.cells.cells import Cells


def row_segments(cells: Cells, row: int) -> list[Segment]:
    """Return the segments of one row of a single picture, one for each run of cells with equal colours."""
    fg, bg = _pack_colours(cells.fg[row]), _pack_colours(cells.bg[row])
    text = code_points_to_text(cells.glyphs[row])
    runs = run_bounds(fg << 24 | bg)
    return [Segment(text[start:end], _cell_style(int(fg[start]), int(bg[start]))) for start, end in runs]


def run_bounds(values: NDArray[np.integer]) -> list[tuple[int, int]]:
    """Return the start and end of each run of equal values; no runs for an empty array."""
    if not len(values):
        return []
    starts = [0, *(np.flatnonzero(values[1:] != values[:-1]) + 1).tolist()]
    return list(zip(starts, [*starts[1:], len(values)], strict=True))


def code_points_to_text(glyphs: NDArray[np.uint32]) -> str:
    """Return the string of code points of shape (n,)."""
    return np.ascontiguousarray(glyphs, dtype="<u4").tobytes().decode("utf-32-le", "replace")


def _pack_colours(colours: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Convert colours of shape (columns, 3) to 0xRRGGBB of shape (columns,)."""
    packed: NDArray[np.int64] = colours.astype(np.int64) @ np.array([0x10000, 0x100, 1])
    return packed


@lru_cache(maxsize=8192)
def _cell_style(fg: int, bg: int) -> Style:
    return Style(color=_colour(fg), bgcolor=_colour(bg))


def _colour(packed: int) -> Color:
    return Color.from_rgb(packed >> 16, packed >> 8 & 0xFF, packed & 0xFF)
