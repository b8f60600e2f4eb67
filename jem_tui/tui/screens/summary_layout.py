"""The place of the samples in the summary: below its rows or at their right, wherever they are larger without hiding a row."""

from __future__ import annotations

from typing import NamedTuple

from textual.geometry import Size

from jem_tui.raster.tiles.zoom import fit_tiles

MOST_ROWS = 17
"""Maximum rows of the samples: two rows of usual tiles with captions."""
GAP, MARGIN = 2, 1
"""Columns at the left of the samples, and rows above them."""


class SamplePlace(NamedTuple):
    """The size of the samples, and whether they are at the right of the rows."""

    at_right: bool
    columns: int
    rows: int


def place_samples(pixels: tuple[int, int], count: int, table: Size, room: Size) -> SamplePlace | None:
    """Return where `count` tiles of `pixels` (height, width) cover most cells of `room` next to a table; None where not even one fits."""
    below = _fitted(pixels, count, room.width, min(MOST_ROWS, room.height - table.height - MARGIN))
    at_right = _fitted(pixels, count, room.width - table.width - GAP, min(table.height, room.height))
    if not max(below.cells, at_right.cells):
        return None
    if at_right.cells > below.cells:
        return SamplePlace(True, room.width - table.width - GAP, at_right.rows)
    return SamplePlace(False, room.width, below.rows)


class _Fitted(NamedTuple):
    """Number of cells that tiles cover, and rows that they need with their captions."""

    cells: int
    rows: int


def _fitted(pixels: tuple[int, int], count: int, columns: int, rows: int) -> _Fitted:
    layout = fit_tiles(pixels, count, columns, rows).layout
    used = (layout.down - 1) * layout.pitch + layout.tile_rows + layout.captions
    return _Fitted(layout.shown * layout.tile_rows * layout.tile_columns, used)
