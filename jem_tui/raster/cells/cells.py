"""Pictures of terminal cells as arrays: a glyph, a foreground and a background colour for each cell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jem_tui.raster.cells.glyphs import BRAILLE_BITS, BRAILLE_BLANK, is_narrow

_UNKNOWN = ord("?")


@dataclass(frozen=True, slots=True)
class Cells:
    """Cells of a picture, or of a stack of pictures of one size."""

    glyphs: NDArray[np.uint32]
    """Unicode code points below U+10000, each one column wide; shape (…, rows, columns)."""
    fg: NDArray[np.uint8]
    """Red, green and blue; shape (…, rows, columns, 3)."""
    bg: NDArray[np.uint8]
    """Red, green and blue; shape (…, rows, columns, 3)."""

    def picture(self, index: int) -> Cells:
        """Return one picture of a stack."""
        return Cells(self.glyphs[index], self.fg[index], self.bg[index])


def pack_braille(dots: NDArray[np.bool_]) -> NDArray[np.uint32]:
    """Convert dots of shape (…, 4·rows, 2·columns) to braille code points of shape (…, rows, columns)."""
    *stack, height, width = dots.shape
    glyphs = np.full((*stack, height // 4, width // 2), BRAILLE_BLANK, dtype=np.uint32)
    for row, bits in enumerate(BRAILLE_BITS):
        for column, bit in enumerate(bits):
            glyphs |= dots[..., row::4, column::2].astype(np.uint32) * np.uint32(bit)
    return glyphs


def write_text(cells: Cells, row: int, column: int, text: str) -> None:
    """Write `text` into one row of a single picture, in the colours of the cells, cut off at the right edge.

    A character that is not exactly one column wide becomes a question mark.
    """
    room = cells.glyphs[row, column:]
    code_points = [ord(character) if is_narrow(character) else _UNKNOWN for character in text[: len(room)]]
    room[: len(code_points)] = code_points
