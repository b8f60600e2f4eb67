"""Encoders of images as terminal cells, which trade size for fidelity; all tiles are encoded at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from jem_tui.raster.cells.cells import Cells, pack_braille

Encoding = Literal["half-block", "quadrant", "braille", "dithered"]
Encoder = Callable[[NDArray[np.uint8]], Cells]

UPPER_HALF = ord("▀")
QUADRANTS = np.array([ord(glyph) for glyph in " ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█"], dtype=np.uint32)
"""Block elements by bit mask: 1 upper left, 2 upper right, 4 lower left, 8 lower right."""

_SPLITS = np.array([[mask >> bit & 1 for bit in range(4)] for mask in range(0, 16, 2)], dtype=np.float32)
"""Every partition of four pixels into two groups, the upper left pixel always in the background; shape (8, 4)."""

PIXELS: dict[Encoding, tuple[int, int]] = {
    "half-block": (2, 1),
    "quadrant": (4, 2),
    "braille": (4, 2),
    "dithered": (4, 2),
}
"""Rows and columns of pixels in one cell."""


def tile_cells(encoding: Encoding, height: int, width: int) -> tuple[int, int]:
    """Return the rows and columns of cells of a tile of `height` × `width` pixels."""
    rows, columns = PIXELS[encoding]
    return -(-height // rows), -(-width // columns)


def encode_tiles(tiles: NDArray[np.uint8], encoding: Encoding) -> Cells:
    """Encode tiles of shape (n, height, width, channels) as n pictures of cells; incomplete cells repeat the last pixels."""
    padded = _pad(gray_or_colour(tiles), *PIXELS[encoding])
    return _ENCODERS[encoding](padded)


def gray_or_colour(pictures: NDArray[Any]) -> NDArray[np.uint8]:
    """Convert pictures of any type, shape (…, channels), to bytes in one channel or three; opacity and later channels are dropped."""
    channels = pictures.shape[-1]
    kept = pictures[..., : 1 if channels < 3 else 3]
    if channels == 0:
        kept = np.zeros((*pictures.shape[:-1], 1), dtype=np.uint8)
    if kept.dtype == np.uint8:
        return kept
    return np.nan_to_num(kept.astype(np.float64)).clip(0, 255).astype(np.uint8)


def half_block(tiles: NDArray[np.uint8]) -> Cells:
    """Encode two pixels per cell in their own colours; the height must be even."""
    colours = _rgb(tiles)
    glyphs = np.full((len(tiles), tiles.shape[1] // 2, tiles.shape[2]), UPPER_HALF, dtype=np.uint32)
    return Cells(glyphs, colours[:, 0::2], colours[:, 1::2])


def quadrant(tiles: NDArray[np.uint8]) -> Cells:
    """Encode four vertical pairs of pixels per cell, in the two colours that keep most of the variance.

    A quarter of a cell is twice as high as wide, so the mean of two pixels keeps the proportions. The height must be a multiple
    of four, the width of two.
    """
    pixels = _quads(tiles)
    in_front = np.einsum("sp,...pc->...sc", _SPLITS, pixels)
    behind = pixels.sum(axis=-2)[..., None, :] - in_front
    count = _SPLITS.sum(axis=1)
    kept = (in_front**2).sum(axis=-1) / np.maximum(count, 1) + (behind**2).sum(axis=-1) / (4 - count)
    best = kept.argmax(axis=-1)
    fg = _pick(in_front, best) / np.maximum(count, 1)[best][..., None]
    bg = _pick(behind, best) / (4 - count)[best][..., None]
    return Cells(QUADRANTS[best * 2], _rgb(_to_bytes(fg)), _rgb(_to_bytes(bg)))


_BAYER = np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]], dtype=np.float32)
_STEPS = (_BAYER + 0.5) * (256 / 16)
"""Brightness above which each dot of a square of 4 × 4 is lit (B. E. Bayer, 1973)."""
IN_DOTS: tuple[Encoding, ...] = ("braille", "dithered")
"""Encodings that need two colours only."""


def braille(tiles: NDArray[np.uint8]) -> Cells:
    """Encode eight dots per cell, lit above a threshold of each tile; the height must be a multiple of four, the width of two."""
    luma = _luma(tiles)
    return _in_white(luma > _thresholds(luma)[:, None, None])


def dithered(tiles: NDArray[np.uint8]) -> Cells:
    """Encode eight dots per cell with ordered dithering, which keeps shades of gray at the cost of noise."""
    luma = _luma(tiles)
    _, height, width = luma.shape
    return _in_white(luma > np.tile(_STEPS, (-(-height // 4), -(-width // 4)))[:height, :width])


def _in_white(dots: NDArray[np.bool_]) -> Cells:
    glyphs = pack_braille(dots)
    black = np.zeros((*glyphs.shape, 3), dtype=np.uint8)
    return Cells(glyphs, ~black, black)


_ENCODERS: dict[Encoding, Encoder] = {
    "half-block": half_block,
    "quadrant": quadrant,
    "braille": braille,
    "dithered": dithered,
}


def _pad(tiles: NDArray[np.uint8], rows: int, columns: int) -> NDArray[np.uint8]:
    """Repeat the last row and column until whole cells are filled."""
    _, height, width, _ = tiles.shape
    if height % rows == 0 and width % columns == 0:
        return tiles
    return np.pad(tiles, ((0, 0), (0, -height % rows), (0, -width % columns), (0, 0)), mode="edge")


def _rgb(colours: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Expand one or three channels to three, without a copy."""
    shape: tuple[int, ...] = (*colours.shape[:-1], 3)
    return np.broadcast_to(colours, shape)


def _quads(tiles: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the means of vertical pairs of pixels, four per cell; shape (n, rows, columns, 4, channels)."""
    count, height, width, channels = tiles.shape
    floats = tiles.astype(np.float32)
    means = (floats[:, 0::2] + floats[:, 1::2]) * np.float32(0.5)
    blocks = means.reshape(count, height // 4, 2, width // 2, 2, channels).swapaxes(2, 3)
    return blocks.reshape(count, height // 4, width // 2, 4, channels)


def _pick(sums: NDArray[np.float32], best: NDArray[np.intp]) -> NDArray[np.float32]:
    picked: NDArray[np.float32] = np.take_along_axis(sums, best[..., None, None], axis=-2)[..., 0, :]
    return picked


def _to_bytes(colours: NDArray[np.floating]) -> NDArray[np.uint8]:
    rounded: NDArray[np.floating] = np.rint(colours)
    return rounded.astype(np.uint8)


def _luma(tiles: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Compute the brightness (Rec. 601); shape (n, height, width)."""
    if tiles.shape[-1] == 1:
        return tiles[..., 0].astype(np.float32)
    luma: NDArray[np.float32] = tiles.astype(np.float32) @ np.array([0.299, 0.587, 0.114], dtype=np.float32)
    return luma


def _thresholds(luma: NDArray[np.float32]) -> NDArray[np.float32]:
    """Compute the isodata threshold of each tile: halfway between the means of brighter and darker pixels; shape (n,)."""
    flat = luma.reshape(len(luma), luma.shape[1] * luma.shape[2])
    threshold = flat.mean(axis=1)
    for _ in range(4):
        above = flat > threshold[:, None]
        lit = above.sum(axis=1)
        bright = np.where(above, flat, 0).sum(axis=1) / np.maximum(lit, 1)
        dark = np.where(above, 0, flat).sum(axis=1) / np.maximum(flat.shape[1] - lit, 1)
        threshold = np.where(lit > 0, (bright + dark) / 2, threshold)
    return np.asarray(threshold, dtype=np.float32)
