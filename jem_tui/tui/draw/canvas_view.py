"""The place of a drawing in an area of cells, and its rendering with half-blocks, or with shades where there are few colours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from textual.color import Color

from jem_tui.raster.cells.cells import Cells, write_text
from jem_tui.raster.tiles.encode import encode_tiles
from jem_tui.raster.tiles.grid import Rgb
from jem_tui.raster.tiles.zoom import LARGER, SMALLER, scale_tiles, scaled_pixels
from jem_tui.tui.draw.centring import ink_of
from jem_tui.tui.draw.drawing_canvas import PenPoint, Pixels
from jem_tui.tui.preferences.readable_text import HIGH, readable

SCALES = (1 / 16, *SMALLER, 1, *LARGER, 12, 16)
"""Half-blocks on a side of a pixel of the drawing, ascending."""
SHADES = np.array([ord(glyph) for glyph in " ░▒▓█"], np.uint32)
CURSOR_SHARE = 0.75
"""Share of the colour of the cursor in the pixel under the cursor."""

GHOST_SHARE = 0.7
"""Largest share of the colour of a second image in a pixel."""


@dataclass(frozen=True, slots=True)
class CanvasView:
    """A drawing of `pixels` (height, width), centred in an area of `columns` × `rows` cells at the largest scale that fits."""

    pixels: tuple[int, int]
    columns: int
    rows: int

    @property
    def scale(self) -> float:
        """Half-blocks on a side of a pixel of the drawing; the smallest scale where even that does not fit."""
        return max((each for each in SCALES if self._fits(each)), default=SCALES[0])

    @property
    def size(self) -> tuple[int, int]:
        """Columns and rows of the drawing in cells."""
        return cells_at(self.pixels, self.scale)

    @property
    def corner(self) -> tuple[int, int]:
        """Column and row of the upper left cell of the drawing."""
        columns, rows = self.size
        return max(0, (self.columns - columns) // 2), max(0, (self.rows - rows) // 2)

    def point_at(self, x: float, y: float) -> PenPoint:
        """Return the point of the drawing under a position in cells, limited to the drawing.

        Whole numbers, which most terminals report, stand for the centre of a cell.
        """
        left, top = self.corner
        if float(x).is_integer() and float(y).is_integer():
            x, y = x + 0.5, y + 0.5
        height, width = self.pixels
        across, down = (x - left) / self.scale, 2 * (y - top) / self.scale
        return PenPoint(min(max(across, 0.0), float(width)), min(max(down, 0.0), float(height)))

    def _fits(self, scale: float) -> bool:
        columns, rows = cells_at(self.pixels, scale)
        return columns <= self.columns and rows <= self.rows


def cells_at(pixels: tuple[int, int], scale: float) -> tuple[int, int]:
    """Return the columns and rows of cells of an image of `pixels` (height, width) at a scale."""
    height, width = scaled_pixels(pixels, scale)
    return width, -(-height // 2)


def with_cursor(pixels: Pixels, cursor: PenPoint | None, colour: Rgb) -> Pixels:
    """Return an image in colour whose pixel under the cursor has the colour of the cursor."""
    if cursor is None:
        return pixels
    height, width, _ = pixels.shape
    found = np.broadcast_to(pixels, (height, width, 3)).astype(np.float32)
    row, column = min(height - 1, int(cursor.y)), min(width - 1, int(cursor.x))
    found[row, column] += CURSOR_SHARE * (np.asarray(colour, np.float32) - found[row, column])
    return np.rint(found).astype(np.uint8)


def with_ghost(pixels: Pixels, other: Pixels, paper: int, colour: Rgb) -> Pixels:
    """Return an image in colour that shows the strokes of another image in a colour behind its own strokes."""
    height, width, _ = pixels.shape
    found = np.broadcast_to(pixels, (height, width, 3)).astype(np.float32)
    strokes = ink_of(other, paper)[..., None] / 255 * GHOST_SHARE
    found += strokes * (np.asarray(colour, np.float32) - found)
    return np.rint(found).clip(0, 255).astype(np.uint8)


def render(pixels: Pixels, view: CanvasView, paper: Rgb, ink: Rgb | None = None) -> Cells:
    """Render an image in its own colours on a background of `paper`; with `ink`, in shades of that colour alone."""
    columns, rows = view.size
    tile = encode_tiles(scale_tiles(pixels[None], view.scale), "half-block").picture(0)
    glyphs = np.full((view.rows, view.columns), ord(" "), np.uint32)
    fg, bg = (np.full((view.rows, view.columns, 3), paper, np.uint8) for _ in range(2))
    left, top = view.corner
    place = np.s_[top : top + rows, left : left + columns]
    room = glyphs[place].shape
    part = Cells(tile.glyphs[: room[0], : room[1]], tile.fg[: room[0], : room[1]], tile.bg[: room[0], : room[1]])
    if ink is None:
        glyphs[place], fg[place], bg[place] = part.glyphs, part.fg, part.bg
    else:
        glyphs[place], fg[place] = shades(part), ink
    return Cells(glyphs, fg, bg)


def shades(cells: Cells) -> NDArray[np.uint32]:
    """Return for each cell of half-blocks the glyph whose share of ink is nearest to the mean of both colours."""
    luma = (cells.fg.astype(np.float32) + cells.bg).mean(axis=-1) / 2
    level = np.rint(luma / 255 * (len(SHADES) - 1)).astype(np.intp)
    found: NDArray[np.uint32] = SHADES[level]
    return found


def write_centred(cells: Cells, lines: Sequence[str], ink: Rgb) -> None:
    """Write lines of text into the middle of a picture, where they fit; the cells behind the text keep their background.

    The colour is changed as far as the contrast to the picture demands, which no theme determines.
    """
    rows, columns = cells.glyphs.shape
    top = (rows - len(lines)) // 2
    if top < 0 or max(map(len, lines)) > columns:
        return
    for row, line in enumerate(lines, start=top):
        left = (columns - len(line)) // 2
        place = np.s_[row, left : left + len(line)]
        cells.bg[place] = cells.fg[place] = (cells.bg[place].astype(np.uint16) + cells.fg[place]) // 2
        ground = Color(*cells.bg[row, left].tolist())
        write_text(cells, row, left, line)
        cells.fg[place] = readable(Color(*ink), (ground,), HIGH).rgb
