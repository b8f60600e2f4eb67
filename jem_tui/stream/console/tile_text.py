"""Sample tiles as printed text: half-blocks in colour, or braille dots or letters where the console has no colours."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.text import Text

from jem_tui.raster.cells.cells import pack_braille
from jem_tui.raster.cells.segments import code_points_to_text, row_segments
from jem_tui.raster.tiles.encode import half_block

MAX_ROWS = 3

_COLUMNS_WANTED = 4
_LETTERS = np.array(list(" .:-=+*#%@"))

Pixels = NDArray[np.uint8]
Draw = Callable[[Pixels], list[Text]]


def picture_lines(tiles: Pixels, console: Console) -> tuple[list[Text], int]:
    """Return as many tiles (n, height, width, channels) as fit the console in three rows as lines, and their number.

    Tiles are shrunk by a whole factor until four fit next to each other, or all tiles if they are fewer.
    """
    if not tiles.size:
        return [], 0
    cell_height, cell_width, draw = _way_to_draw(console)
    cells_each = max(1, (console.width + 1) // min(len(tiles), _COLUMNS_WANTED) - 1)
    shrunk = _shrunk(tiles, math.ceil(tiles.shape[2] / (cells_each * cell_width)))
    spaced = _spaced(shrunk, cell_height, cell_width)
    columns = max(1, (console.width + 1) * cell_width // spaced.shape[2])
    shown = spaced[: columns * MAX_ROWS]
    rows = [np.hstack(list(shown[start : start + columns])) for start in range(0, len(shown), columns)]
    return [line for row in rows for line in draw(row[:, :-cell_width][:, : console.width * cell_width])], len(shown)


def _way_to_draw(console: Console) -> tuple[int, int, Draw]:
    """Return rows and columns of pixels in a cell, and the function that draws them."""
    if not console.encoding.lower().startswith("utf"):
        return 2, 1, _letters
    if console.color_system in ("truecolor", "256") and not console.no_color:
        return 2, 1, _half_blocks
    return 4, 2, _braille


def _shrunk(tiles: Pixels, factor: int) -> Pixels:
    """Return means over squares of `factor`² pixels; incomplete squares at the right and lower edges are dropped."""
    n, height, width, channels = tiles.shape
    factor = max(1, min(factor, height, width))
    rows, columns = height // factor, width // factor
    cut = tiles[:, : rows * factor, : columns * factor]
    squares = cut.reshape(n, rows, factor, columns, factor, channels)
    shrunk: Pixels = squares.mean(axis=(2, 4)).round().astype(np.uint8)
    return shrunk


def _spaced(tiles: Pixels, cell_height: int, cell_width: int) -> Pixels:
    """Pad tiles with black to whole cells and one blank column of cells."""
    _, height, width, _ = tiles.shape
    below, right = -height % cell_height, -width % cell_width + cell_width
    return np.pad(tiles, ((0, 0), (0, below), (0, right), (0, 0)))


def _half_blocks(pixels: Pixels) -> list[Text]:
    cells = half_block(pixels[None]).picture(0)
    rows = (row_segments(cells, row) for row in range(len(cells.glyphs)))
    return [Text.assemble(*((text, style or "") for text, style, _ in row)) for row in rows]


def _braille(pixels: Pixels) -> list[Text]:
    """Draw the pixels above the middle between the darkest and the brightest as dots."""
    gray = pixels.mean(axis=2)
    dots = gray > (gray.min() + gray.max()) / 2
    return [Text(code_points_to_text(row)) for row in pack_braille(dots)]


def _letters(pixels: Pixels) -> list[Text]:
    gray = pixels.mean(axis=2).reshape(pixels.shape[0] // 2, 2, -1).mean(axis=1)
    letters = _LETTERS[(gray * len(_LETTERS) / 256).astype(int)]
    return [Text("".join(row)) for row in letters.tolist()]
