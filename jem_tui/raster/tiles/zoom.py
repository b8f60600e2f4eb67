"""Sizes of tiles, from small to large, and the scaling of images."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from jem_tui.raster.tiles.encode import IN_DOTS, Encoding, gray_or_colour
from jem_tui.raster.tiles.grid import GridLayout, arrange_tiles, choose_encoding

SMALLER = (1 / 8, 1 / 4, 1 / 2)
LARGER = (2, 3, 4, 6, 8)
MIN_PIXELS = 16
"""Minimum number of pixels on a side of a tile that is scaled down: four rows of cells."""
ENOUGH, FEW, MANY = 6, 8, 16
"""Numbers of tiles: those that the usual size shows if possible, and the most that are replaced by many smaller ones."""
_MANY_ROWS = 4
_TERSE: Encoding = "quadrant"
_FULL: Encoding = "half-block"


class TileSize(NamedTuple):
    """Size of tiles: the encoding of pixels in cells, and the factor by which the sides of a tile are scaled."""

    encoding: Encoding
    scale: float


class SizedLayout(NamedTuple):
    """Size of tiles with the layout that it gives."""

    size: TileSize
    layout: GridLayout


def tile_sizes(pixels: tuple[int, int], encoding: Encoding | None = None) -> list[TileSize]:
    """Return the sizes of tiles of `pixels` (height, width), ascending; without `encoding`, quadrants come before half-blocks."""
    smaller = [scale for scale in SMALLER if min(pixels) * scale >= MIN_PIXELS]
    if MIN_PIXELS < min(pixels) < MIN_PIXELS / SMALLER[-1]:
        smaller = [MIN_PIXELS / min(pixels)]
    low, high = encoding or _TERSE, encoding or _FULL
    middle = [TileSize(low, 1)] if low == high else [TileSize(low, 1), TileSize(high, 1)]
    return [*(TileSize(low, scale) for scale in smaller), *middle, *(TileSize(high, scale) for scale in LARGER)]


def fit_tiles(
    pixels: tuple[int, int], count: int, width: int, height: int, *, encoding: Encoding | None = None, zoom: int = 0
) -> SizedLayout:
    """Return the layout `zoom` sizes above the usual size, limited to sizes of which at least one tile fits.

    The usual size is the original size in `encoding`, or in the encoding that `choose_encoding` selects. It is a size smaller where
    fewer than six tiles fit, or where up to eight become at least 16 in four rows, and smaller still where no tile fits; a single
    tile is as large as possible.
    """
    sizes = tile_sizes(pixels, encoding)
    views = [
        SizedLayout(size, arrange_tiles(size.encoding, scaled_pixels(pixels, size.scale), count, width, height))
        for size in sizes
    ]
    fitting = [view for view in views if view.layout.shown]
    if not fitting:
        return views[0]
    usual = TileSize(encoding or choose_encoding(pixels, count, width, height).encoding, 1)
    start = len(fitting) - 1 if count == 1 else min(sizes.index(usual), len(fitting) - 1)
    if count > 1 and start and fitting[start].size.scale == 1 and _shows_too_few(*fitting[start - 1 : start + 1]):
        start -= 1
    return fitting[max(0, min(len(fitting) - 1, start + zoom))]


def _shows_too_few(smaller: SizedLayout, usual: SizedLayout) -> bool:
    """Return whether the next smaller size shows enough more tiles to be preferred; dots need the original size."""
    fewer, more = usual.layout, smaller.layout
    if more.shown <= fewer.shown:
        return False
    many = more.down >= _MANY_ROWS and more.shown >= MANY and usual.size.encoding not in IN_DOTS
    return fewer.shown < ENOUGH or (fewer.shown <= FEW and many)


def scaled_pixels(pixels: tuple[int, int], scale: float) -> tuple[int, int]:
    """Return the height and width of a tile after `scale_tiles`."""
    height, width = (max(1, round(side * scale)) for side in pixels)
    return height, width


def scale_tiles(tiles: NDArray[np.uint8], scale: float) -> NDArray[np.uint8]:
    """Enlarge tiles (n, height, width, channels) by repeating pixels, or shrink them by averaging."""
    if scale == 1 or 0 in tiles.shape[1:3]:
        return tiles
    if scale > 1:
        return tiles.repeat(int(scale), axis=1).repeat(int(scale), axis=2)
    height, width = scaled_pixels((tiles.shape[1], tiles.shape[2]), scale)
    means = gray_or_colour(tiles).astype(np.float32)
    means = np.einsum("ij,njkc->nikc", _shares(height, tiles.shape[1]), means)
    means = np.einsum("ij,nkjc->nkic", _shares(width, tiles.shape[2]), means)
    rounded: NDArray[np.float32] = np.rint(means)
    return rounded.astype(np.uint8)


def _shares(count: int, pixels: int) -> NDArray[np.float32]:
    """Return the shares of `pixels` in each of `count` averages along an axis, shape (count, pixels): those of their areas."""
    edges = np.arange(count + 1)[:, None] * pixels / count
    starts = np.arange(pixels)
    overlap = np.minimum(edges[1:], starts + 1) - np.maximum(edges[:-1], starts)
    return (overlap.clip(0) * count / pixels).astype(np.float32)
