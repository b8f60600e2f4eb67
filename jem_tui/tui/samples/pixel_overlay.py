"""Tiles as pixels in a terminal that can show them, over cells that are left empty."""

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
"""Of Kitty's pictures: each grid has 4,096 of its own."""


class PixelOverlay:
    """The pictures of one grid."""

    def __init__(self) -> None:
        self._first = next(_NUMBERS)
        self._tiles: list[NDArray[np.uint8]] | None = None
        self._placed: TileLayout | None = None

    def keep(self, tiles: NDArray[np.uint8], placed: TileLayout, marked: int | None, ink: Rgb) -> None:
        """What is to be shown: tiles (n, height, width, 1 or 3), and where; the one at place `marked` has a frame of `ink`."""
        self._tiles, self._placed = (
            [add_frame(tile, ink) if at == marked else tile for at, tile in enumerate(tiles)],
            placed,
        )

    @property
    def shown(self) -> bool:
        """Whether there is anything to show."""
        return self._tiles is not None

    def forget(self) -> None:
        """Nothing is to be shown."""
        self._tiles = self._placed = None

    def sent(self, graphics: Graphics) -> str:
        """What is to be written before the rows are: Kitty's pictures, which show where their placeholders are."""
        if graphics.protocol != "kitty" or self._tiles is None or self._placed is None:
            return ""
        size = self._placed.tile_columns, self._placed.tile_rows
        return "".join(kitty(tile, self._first + number, *size) for number, tile in enumerate(self._tiles))

    def laid_over(self, graphics: Graphics, row: int, column: int) -> str:
        """What is to be written after the rows, of a grid whose upper left cell is there: pictures in the other protocols."""
        if graphics.protocol == "kitty" or self._tiles is None or self._placed is None:
            return ""
        columns, rows = self._placed.tile_columns, self._placed.tile_rows
        drawn = []
        for tile, (top, left) in zip(self._tiles, self._placed.corners.tolist(), strict=True):
            if graphics.protocol == "sixel":
                picture = sixel(tile, columns * graphics.cell_width, rows * graphics.cell_height)
            else:
                picture = iterm2(tile, columns, rows)
            drawn.append(at_cell(row + top, column + left, picture))
        return "".join(drawn)

    def with_placeholders(self, strips: Sequence[Strip], graphics: Graphics, paper: Rgb) -> Sequence[Strip]:
        """The rows, with the places of Kitty's pictures in them."""
        if graphics.protocol != "kitty" or self._placed is None:
            return strips
        return [Strip.join(list(self._parts(strip, row, paper))) for row, strip in enumerate(strips)]

    def _parts(self, strip: Strip, row: int, paper: Rgb) -> Iterator[Strip]:
        assert self._placed is not None
        columns, reached = self._placed.tile_columns, 0
        tops = self._placed.corners[:, 0]
        here = np.flatnonzero((tops <= row) & (row < tops + self._placed.tile_rows))
        for number in sorted(here.tolist(), key=lambda each: int(self._placed.corners[each, 1]) if self._placed else 0):
            top, left = self._placed.corners[number].tolist()
            yield strip.crop(reached, left)
            style = Style(color=_number_as_colour(self._first + number), bgcolor=Color.from_rgb(*paper))
            yield Strip([Segment(placeholders(row - top, columns), style)], columns)
            reached = left + columns
        yield strip.crop(reached, strip.cell_length)


def fits_protocols(placed: TileLayout) -> bool:
    """Whether tiles of this size can be shown by every protocol."""
    return placed.tile_rows <= MOST_ROWS


def blank_tiles(placed: TileLayout, paper: Rgb) -> Cells:
    """Cells for pictures to lie on."""
    shape = (placed.shown, placed.tile_rows, placed.tile_columns)
    colour = np.full((*shape, 3), paper, dtype=np.uint8)
    return Cells(np.full(shape, ord(" "), dtype=np.uint32), colour, colour)


def _number_as_colour(number: int) -> Color:
    return Color.from_rgb(number >> 16 & 0xFF, number >> 8 & 0xFF, number & 0xFF)
