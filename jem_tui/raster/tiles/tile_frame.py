"""The frame of the selected tile, and the tile at a cell of the grid."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from jem_tui.raster.cells.cells import Cells
from jem_tui.raster.tiles.grid import Rgb, TileLayout

_CORNERS = "▛▜▙▟"
"""The upper left, upper right, lower left and lower right corner of a frame."""
_TOP, _BOTTOM, _LEFT, _RIGHT = "▀▄▌▐"


def frame_tile(canvas: Cells, layout: TileLayout, index: int, ink: Rgb) -> None:
    """Draw a frame of colour `ink` over the outermost half-cells of the tile at `index` of the layout.

    The frame consists of blocks, so that it is visible without colours; the inner half of each cell keeps the mean of its colours.
    """
    top, left = layout.corners[index].tolist()
    rows, columns = layout.tile_rows, layout.tile_columns
    area = np.s_[top : top + rows, left : left + columns]
    frame = frame_glyphs(rows, columns)
    edge = frame > 0
    glyphs, fg, bg = canvas.glyphs[area], canvas.fg[area], canvas.bg[area]
    bg[edge] = (fg[edge].astype(np.uint16) + bg[edge]) // 2
    fg[edge], glyphs[edge] = ink, frame[edge]


def frame_glyphs(rows: int, columns: int) -> NDArray[np.uint32]:
    """Return the code points of a frame around `rows` × `columns` cells, 0 inside."""
    frame = np.zeros((rows, columns), dtype=np.uint32)
    frame[:, 0], frame[:, -1] = ord(_LEFT), ord(_RIGHT)
    frame[0], frame[-1] = ord(_TOP), ord(_BOTTOM)
    frame[0, 0], frame[0, -1], frame[-1, 0], frame[-1, -1] = map(ord, _CORNERS)
    return frame


def tile_at(layout: TileLayout, row: int, column: int) -> int | None:
    """Return the index in the layout of the tile whose cells, caption included, contain a cell; None between tiles."""
    if not layout.shown:
        return None
    down, right = (np.array([row, column]) - layout.corners).T
    rows = layout.tile_rows + layout.captions
    inside = np.flatnonzero((down >= 0) & (down < rows) & (right >= 0) & (right < layout.tile_columns))
    return int(inside[0]) if len(inside) else None
