"""Tiles as pixels over blank cells, in terminals with a graphics protocol."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count

import numpy as np
from numpy.typing import NDArray
from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from jem_tui.raster.cells.cells import Cells
from jem_tui.raster.tiles.graphics_protocols import MOST_ROWS, add_frame, at_cell, iterm2, kitty, placeholders, sixel
from jem_tui.raster.tiles.grid import Rgb, TileLayout
from jem_tui.tui.terminal.graphics_probe import Graphics

_NUMBERS = count(1, 4096)
"""First numbers of Kitty pictures: each grid has 4,096 numbers of its own."""


class PixelOverlay:
    """Pictures of one grid of tiles."""

    def __init__(self) -> None:
        self._first = next(_NUMBERS)
        self._tiles: list[NDArray[np.uint8]] | None = None
        self._layout: TileLayout | None = None

    def set_tiles(self, tiles: NDArray[np.uint8], layout: TileLayout, marked: int | None, ink: Rgb) -> None:
        """Set the tiles (n, height, width, 1 or 3) and their layout; the tile at index `marked` has a frame of colour `ink`."""
        self._tiles, self._layout = (
            [add_frame(tile, ink) if at == marked else tile for at, tile in enumerate(tiles)],
            layout,
        )

    @property
    def shown(self) -> bool:
        """True if tiles are set."""
        return self._tiles is not None

    def clear(self) -> None:
        """Remove all tiles."""
        self._tiles = self._layout = None

    def upload_sequences(self, graphics: Graphics) -> str:
        """Return the sequences to write before the rows: uploads of Kitty pictures, displayed at their placeholders."""
        if graphics.protocol != "kitty" or self._tiles is None or self._layout is None:
            return ""
        size = self._layout.tile_columns, self._layout.tile_rows
        return "".join(kitty(tile, self._first + number, *size) for number, tile in enumerate(self._tiles))

    def draw_sequences(self, graphics: Graphics, row: int, column: int) -> str:
        """Return the sequences to write after the rows: pictures in the other protocols, for a grid at `row` and `column`."""
        if graphics.protocol == "kitty" or self._tiles is None or self._layout is None:
            return ""
        columns, rows = self._layout.tile_columns, self._layout.tile_rows
        drawn = []
        for tile, (top, left) in zip(self._tiles, self._layout.corners.tolist(), strict=True):
            if graphics.protocol == "sixel":
                picture = sixel(tile, columns * graphics.cell_width, rows * graphics.cell_height)
            else:
                picture = iterm2(tile, columns, rows)
            drawn.append(at_cell(row + top, column + left, picture))
        return "".join(drawn)

    def with_placeholders(self, strips: Sequence[Strip], graphics: Graphics, paper: Rgb) -> Sequence[Strip]:
        """Return the rows with the placeholders of Kitty pictures."""
        if graphics.protocol != "kitty" or self._layout is None:
            return strips
        return [Strip.join(list(self._parts(strip, row, paper))) for row, strip in enumerate(strips)]

    def _parts(self, strip: Strip, row: int, paper: Rgb) -> Iterator[Strip]:
        assert self._layout is not None
        columns, reached = self._layout.tile_columns, 0
        tops = self._layout.corners[:, 0]
        here = np.flatnonzero((tops <= row) & (row < tops + self._layout.tile_rows))
        for number in sorted(here.tolist(), key=lambda each: int(self._layout.corners[each, 1]) if self._layout else 0):
            top, left = self._layout.corners[number].tolist()
            yield strip.crop(reached, left)
            style = Style(color=_number_as_colour(self._first + number), bgcolor=Color.from_rgb(*paper))
            yield Strip([Segment(placeholders(row - top, columns), style)], columns)
            reached = left + columns
        yield strip.crop(reached, strip.cell_length)


def fits_protocols(layout: TileLayout) -> bool:
    """Return whether every protocol can display tiles of this size."""
    return layout.tile_rows <= MOST_ROWS


def blank_tiles(layout: TileLayout, paper: Rgb) -> Cells:
    """Return blank cells of colour `paper` for each tile."""
    shape = (layout.shown, layout.tile_rows, layout.tile_columns)
    colour = np.full((*shape, 3), paper, dtype=np.uint8)
    return Cells(np.full(shape, ord(" "), dtype=np.uint32), colour, colour)


def _number_as_colour(number: int) -> Color:
    return Color.from_rgb(number >> 16 & 0xFF, number >> 8 & 0xFF, number & 0xFF)
