"""Where the tiles of a grid go, and the grid as one picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jem_tui.tui.raster.cells import Cells, write_text
from jem_tui.tui.raster.tiles import Encoding, tile_cells

Rgb = tuple[int, int, int]

_GAP = 1
_SIGN = ord(">")
_CAPTION_COLUMNS = 12
"""Narrower tiles have no caption."""
_ENOUGH = 6
"""Tiles that make a grid worth its size."""


@dataclass(frozen=True, slots=True)
class Layout:
    """`across` × `down` tiles, row-major, centred in an area of `width` × `height` cells."""

    encoding: Encoding
    width: int
    height: int
    across: int
    down: int
    shown: int
    tile_rows: int
    tile_columns: int
    pitch: int
    """Rows from one tile's top to the next one's."""
    captions: bool

    @property
    def left(self) -> int:
        """Columns before the first tile."""
        return max(0, self.width - self.across * (self.tile_columns + _GAP) + _GAP) // 2

    @property
    def top(self) -> int:
        """Rows above the first tile."""
        used = (self.down - 1) * self.pitch + self.tile_rows + self.captions
        return max(0, self.height - used) // 2


def arrange(encoding: Encoding, pixels: tuple[int, int], count: int, width: int, height: int) -> Layout:
    """Fit as many of `count` tiles of `pixels` (height, width) as go; the gap between rows goes where it costs a row of tiles.

    Captions take the gap below each tile, where tiles are wide enough and no tile has to leave for them.
    """
    rows, columns = tile_cells(encoding, *pixels)
    across = min(count, (width + _GAP) // (columns + _GAP))
    wanted = -(-count // across) if across else 0
    down = min(wanted, height // rows)
    captions = columns >= _CAPTION_COLUMNS and down * (rows + 1) <= height
    spare = height - down * (rows + captions)
    gap = 1 if spare >= down - 1 else 0
    shown = min(count, across * down)
    return Layout(
        encoding, width, height, across if shown else 0, down, shown, rows, columns, rows + captions + gap, captions
    )


def choose(pixels: tuple[int, int], count: int, width: int, height: int) -> Layout:
    """Half-blocks where at least six tiles and a third of them all fit, else quadrants."""
    large = arrange("half-block", pixels, count, width, height)
    if large.shown >= min(count, max(_ENOUGH, -(-count // 3))):
        return large
    return arrange("quadrant", pixels, count, width, height)


def compose(tiles: Cells, captions: Sequence[str], layout: Layout, ink: Rgb, paper: Rgb) -> Cells:
    """Put tiles (a stack of `layout.shown` pictures) and captions on one picture; `ink` and `paper` colour what is around."""
    canvas = _paper(layout, ink, paper)
    index = np.arange(layout.shown)[:, None, None]
    row = layout.top + index // layout.across * layout.pitch + np.arange(layout.tile_rows)[:, None]
    column = layout.left + index % layout.across * (layout.tile_columns + _GAP) + np.arange(layout.tile_columns)
    canvas.glyphs[row, column] = tiles.glyphs
    canvas.fg[row, column] = tiles.fg
    canvas.bg[row, column] = tiles.bg
    if layout.captions:
        for text, below, start in zip(captions, row[:, -1, 0] + 1, column[:, 0, 0], strict=False):
            write_text(canvas, int(below), int(start), text.center(layout.tile_columns))
    return canvas


def mark(canvas: Cells, layout: Layout, index: int, ink: Rgb, paper: Rgb) -> None:
    """Put a sign into the upper left corner of the tile at a place of the grid: seen without colours, too."""
    row = layout.top + index // layout.across * layout.pitch
    column = layout.left + index % layout.across * (layout.tile_columns + _GAP)
    canvas.glyphs[row, column] = _SIGN
    canvas.fg[row, column], canvas.bg[row, column] = paper, ink


def _paper(layout: Layout, ink: Rgb, paper: Rgb) -> Cells:
    shape = (layout.height, layout.width)
    return Cells(np.full(shape, ord(" "), dtype=np.uint32), _flood(ink, shape), _flood(paper, shape))


def recolour(tiles: Cells, ink: Rgb, paper: Rgb) -> Cells:
    """The same glyphs in one pair of colours."""
    return Cells(tiles.glyphs, _flood(ink, tiles.glyphs.shape), _flood(paper, tiles.glyphs.shape))


def _flood(colour: Rgb, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    return np.full((*shape, 3), colour, dtype=np.uint8)
