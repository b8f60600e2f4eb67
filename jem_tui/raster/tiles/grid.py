"""Layout of a grid of tiles, and its composition as one picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from jem_tui.raster.cells.cells import Cells, write_text
from jem_tui.raster.tiles.encode import Encoding, tile_cells

Rgb = tuple[int, int, int]
Corners = NDArray[np.intp]
"""Row and column of each tile, shape (n, 2)."""

_GAP = 1
_CAPTION_COLUMNS = 3
"""Minimum width of a tile with a caption, in columns."""
_FAR = 10_000
"""Number greater than the columns of any screen."""
_ENOUGH = 6
"""Number of tiles that half-blocks must show to be preferred to quadrants."""


class Label(NamedTuple):
    """Text next to the tiles."""

    row: int
    column: int
    text: str


class TileLayout(Protocol):
    """Positions of tiles in an area of `width` × `height` cells."""

    @property
    def encoding(self) -> Encoding: ...
    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...
    @property
    def shown(self) -> int: ...
    @property
    def tile_rows(self) -> int: ...
    @property
    def tile_columns(self) -> int: ...
    @property
    def captions(self) -> bool: ...
    @property
    def corners(self) -> Corners: ...
    @property
    def labels(self) -> tuple[Label, ...]: ...
    @property
    def chosen(self) -> tuple[int, ...]: ...


@dataclass(frozen=True, slots=True)
class GridLayout:
    """Layout of `across` × `down` tiles, row-major, centred in an area of `width` × `height` cells."""

    encoding: Encoding
    width: int
    height: int
    across: int
    down: int
    shown: int
    tile_rows: int
    tile_columns: int
    pitch: int
    """Rows from the top of a tile to the top of the tile below."""
    captions: bool
    order: tuple[int, ...] = ()
    """Indices of the displayed tiles in order; empty for the first ones."""

    @property
    def left(self) -> int:
        """Number of columns before the first tile."""
        return max(0, self.width - self.across * (self.tile_columns + _GAP) + _GAP) // 2

    @property
    def top(self) -> int:
        """Number of rows above the first tile."""
        used = (self.down - 1) * self.pitch + self.tile_rows + self.captions
        return max(0, self.height - used) // 2

    @property
    def corners(self) -> Corners:
        """Row and column of the upper left cell of each displayed tile."""
        place = np.arange(self.shown)
        rows = self.top + place // max(1, self.across) * self.pitch
        return np.stack([rows, self.left + place % max(1, self.across) * (self.tile_columns + _GAP)], axis=1)

    @property
    def labels(self) -> tuple[Label, ...]:
        """Labels of the tiles: none."""
        return ()

    @property
    def chosen(self) -> tuple[int, ...]:
        """Indices of the displayed tiles: those of `order`, else the first ones."""
        return self.order or tuple(range(self.shown))


def arrange_tiles(encoding: Encoding, pixels: tuple[int, int], count: int, width: int, height: int) -> GridLayout:
    """Arrange as many of `count` tiles of `pixels` (height, width) as fit.

    The gap between rows is dropped where it would cost a row of tiles. Every tile has a caption below it, unless not even one row
    of tiles with captions fits, or the tiles are too narrow for one.
    """
    rows, columns = (max(1, side) for side in tile_cells(encoding, *pixels))
    width, height = max(0, width), max(0, height)
    across = min(count, (width + _GAP) // (columns + _GAP))
    wanted = -(-count // across) if across else 0
    down, captioned = (min(wanted, height // each) for each in (rows, rows + 1))
    captions = columns >= _CAPTION_COLUMNS and captioned > 0
    down = captioned if captions else down
    spare = height - down * (rows + captions)
    gap = 1 if spare >= down - 1 else 0
    shown = min(count, across * down)
    return GridLayout(
        encoding, width, height, across if shown else 0, down, shown, rows, columns, rows + captions + gap, captions
    )


def choose_encoding(pixels: tuple[int, int], count: int, width: int, height: int) -> GridLayout:
    """Arrange tiles as half-blocks if at least six tiles and a third of all tiles fit, else as quadrants."""
    large = arrange_tiles("half-block", pixels, count, width, height)
    if large.shown >= min(count, max(_ENOUGH, -(-count // 3))):
        return large
    return arrange_tiles("quadrant", pixels, count, width, height)


def compose(tiles: Cells, captions: Sequence[str], layout: TileLayout, ink: Rgb, paper: Rgb) -> Cells:
    """Compose tiles (a stack of `layout.shown` pictures) and captions to one picture; `ink` and `paper` colour the rest."""
    canvas = _paper(layout, ink, paper)
    if not layout.shown:
        return canvas
    corners = layout.corners
    row = corners[:, 0, None, None] + np.arange(layout.tile_rows)[:, None]
    column = corners[:, 1, None, None] + np.arange(layout.tile_columns)
    canvas.glyphs[row, column] = tiles.glyphs
    canvas.fg[row, column] = tiles.fg
    canvas.bg[row, column] = tiles.bg
    if layout.captions:
        for text, (top, left) in zip(captions, corners.tolist(), strict=False):
            write_text(canvas, top + layout.tile_rows, left, text.center(layout.tile_columns))
    for label in layout.labels:
        write_text(canvas, label.row, label.column, label.text)
    return canvas


def find_neighbour(corners: Corners, at: int, right: int, down: int) -> int:
    """Return the index of the next tile in a direction from the tile at index `at`, or `at` if there is none."""
    row, column = corners[at]
    if right:
        ahead = np.flatnonzero((corners[:, 0] == row) & ((corners[:, 1] - column) * right > 0))
        far = np.abs(corners[ahead, 1] - column)
    else:
        ahead = np.flatnonzero((corners[:, 0] - row) * down > 0)
        far = np.abs(corners[ahead, 0] - row) * _FAR + np.abs(corners[ahead, 1] - column)
    return int(ahead[far.argmin()]) if len(ahead) else at


def _paper(layout: TileLayout, ink: Rgb, paper: Rgb) -> Cells:
    shape = (layout.height, layout.width)
    return Cells(np.full(shape, ord(" "), dtype=np.uint32), _flood(ink, shape), _flood(paper, shape))


def recolour(tiles: Cells, ink: Rgb, paper: Rgb) -> Cells:
    """Replace all colours of tiles by one pair of colours."""
    return Cells(tiles.glyphs, _flood(ink, tiles.glyphs.shape), _flood(paper, tiles.glyphs.shape))


def _flood(colour: Rgb, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    return np.full((*shape, 3), colour, dtype=np.uint8)
