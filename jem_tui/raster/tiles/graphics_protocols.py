"""Pictures in the graphics protocols of terminals: Kitty, Sixel and iTerm2."""

from __future__ import annotations

import io
import unicodedata
import zlib
from base64 import b64encode
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from jem_tui.raster.tiles.encode import gray_or_colour

Pixels = NDArray[np.uint8]
"""Picture of shape (height, width, 1 or 3)."""
COLOURS = 64
"""Maximum number of colours in a Sixel picture."""
BAND = 6
"""Rows of pixels in one Sixel character."""
CHUNK = 4096
"""Maximum number of characters in one Kitty sequence."""
PLACEHOLDER = chr(0x10EEEE)
"""Character in place of a cell of a Kitty picture."""
MOST_ROWS = 90
"""Maximum number of rows of cells in a Kitty picture."""
MIN_SIDE = 224
"""Pixels to which the shorter side of a small picture is enlarged, so that a terminal does not blur it."""


def kitty(picture: Pixels, number: int, columns: int, rows: int) -> str:
    """Return the sequences that upload a picture of `columns` × `rows` cells, displayed at the `placeholders` of its `number`."""
    pixels = _rgb(enlarge(picture))
    data = b64encode(zlib.compress(pixels.tobytes(), 1)).decode()
    parts = [data[start : start + CHUNK] for start in range(0, len(data), CHUNK)]
    keys = f"a=T,U=1,q=2,i={number},f=24,o=z,s={pixels.shape[1]},v={pixels.shape[0]},c={columns},r={rows}"
    heads = [f"{keys}," if at == 0 else "q=2," for at in range(len(parts))]
    more = [int(at < len(parts) - 1) for at in range(len(parts))]
    return "".join(f"\x1b_G{head}m={flag};{part}\x1b\\" for head, flag, part in zip(heads, more, parts, strict=True))


def placeholders(row: int, columns: int) -> str:
    """Return one row of cells of a Kitty picture; the colour of the text is the number of the picture.

    Raise ValueError beyond the last row.
    """
    signs = _row_signs()
    if row >= len(signs):
        raise ValueError(f"a picture of more than {len(signs)} rows")
    return PLACEHOLDER + signs[row] + PLACEHOLDER * (columns - 1)


def sixel(picture: Pixels, width: int, height: int) -> str:
    """Return the sequence that draws a picture of `width` × `height` pixels at the cursor."""
    from PIL import Image

    fitted = picture[np.arange(height) * picture.shape[0] // height][:, np.arange(width) * picture.shape[1] // width]
    image = Image.fromarray(_rgb(fitted)).quantize(COLOURS, dither=Image.Dither.NONE)
    indices, palette = np.asarray(image), (image.getpalette() or [])[: 3 * COLOURS]
    used = np.unique(indices).tolist()
    inks = "".join(
        f"#{ink};2;" + ";".join(str(round(part / 2.55)) for part in palette[3 * ink : 3 * ink + 3]) for ink in used
    )
    bands = [_band(indices[top : top + BAND]) for top in range(0, height, BAND)]
    return f'\x1bP0;1;0q"1;1;{width};{height}{inks}{"-".join(bands)}\x1b\\'


def iterm2(picture: Pixels, columns: int, rows: int) -> str:
    """Return the sequence that draws a picture on `columns` × `rows` cells at the cursor."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(_rgb(enlarge(picture))).save(buffer, "PNG")
    keys = f"inline=1;width={columns};height={rows};preserveAspectRatio=0;doNotMoveCursor=1;size={buffer.tell()}"
    return f"\x1b]1337;File={keys}:{b64encode(buffer.getvalue()).decode()}\a"


def at_cell(row: int, column: int, drawing: str) -> str:
    """Wrap a sequence so that it draws at a cell, counted from 0, and restores the cursor."""
    return f"\x1b7\x1b[{row + 1};{column + 1}H{drawing}\x1b8"


def enlarge(picture: Pixels) -> Pixels:
    """Repeat pixels until the shorter side has at least `MIN_SIDE`."""
    times = max(1, -(-MIN_SIDE // max(1, min(picture.shape[:2]))))
    return picture.repeat(times, axis=0).repeat(times, axis=1)


def add_frame(picture: Pixels, ink: tuple[int, int, int]) -> Pixels:
    """Return a picture at four times its size, with a border one original pixel wide."""
    times, thick = 4, 4
    large = _rgb(picture.repeat(times, axis=0).repeat(times, axis=1)).copy()
    for edge in (np.s_[:thick], np.s_[-thick:], np.s_[:, :thick], np.s_[:, -thick:]):
        large[edge] = ink
    return large


def _rgb(picture: Pixels) -> Pixels:
    return np.ascontiguousarray(np.broadcast_to(gray_or_colour(picture), (*picture.shape[:2], 3)))


def _band(indices: NDArray[np.uint8]) -> str:
    """Encode up to six rows of pixels: for each colour the bits of its pixels, column by column."""
    weights = (1 << np.arange(len(indices)))[:, None]
    lines = []
    for ink in np.unique(indices).tolist():
        bits = ((indices == ink) * weights).sum(axis=0) + 63
        lines.append(f"#{ink}{_packed(bits)}")
    return "$".join(lines)


def _packed(codes: NDArray[np.int64]) -> str:
    """Encode characters with run lengths."""
    starts = [0, *(np.flatnonzero(codes[1:] != codes[:-1]) + 1).tolist(), len(codes)]
    runs = [(chr(codes[start]), end - start) for start, end in pairwise(starts)]
    return "".join(f"!{count}{sign}" if count > 3 else sign * count for sign, count in runs)


@cache
def _row_signs() -> tuple[str, ...]:
    """Return the combining marks that number rows in the Kitty protocol.

    These are the marks above a letter that are part of no composed letter, in the order of Unicode.
    """
    everything = [chr(code) for code in range(0x300, 0x3000)]
    composed = {part for each in map(chr, range(0xA0, 0x2000)) for part in _decomposed(each)[1:]}
    above = (each for each in everything if unicodedata.combining(each) == 230)
    return tuple(each for each in above if each not in composed and not _decomposed(each))[:MOST_ROWS]


def _decomposed(character: str) -> list[str]:
    words = unicodedata.decomposition(character)
    return [] if words.startswith("<") else [chr(int(word, 16)) for word in words.split()]
