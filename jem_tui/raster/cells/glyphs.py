"""Text of any script as cells of a grid, one code point in each cell."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache

from rich.cells import cell_len

BRAILLE_BLANK = 0x2800
"""Code point of the braille pattern without dots."""
BRAILLE_BITS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""Bit of each dot in a braille code point, by row and column of the dot."""
COVERED = 0
"""Code point of the cell at the right of a glyph that is two columns wide."""
_UNKNOWN = "?"
_WIDEST = 0x10000
"""Smallest code point that a picture cannot hold."""


def glyphs_of(text: str, columns: int) -> Sequence[int]:
    """Return code points for at most `columns` cells.

    Combining marks without a composed letter are dropped; a character that cannot be displayed becomes a question mark.
    """
    if text.isascii() and text.isprintable():
        return [ord(character) for character in text[: max(0, columns)]]
    return _cells_of(text, columns)


@lru_cache(maxsize=1024)
def _cells_of(text: str, columns: int) -> Sequence[int]:
    found: list[int] = []
    for character in _displayable(text):
        width = cell_len(character)
        if len(found) + width > columns:
            break
        found += [ord(character), COVERED][:width]
    return found


def width_of(text: str) -> int:
    """Return the number of cells of the whole text."""
    return len(glyphs_of(text, 2 * len(text)))


def is_narrow(text: str) -> bool:
    """Return whether every character of `text` is printable, one column wide and below U+10000."""
    if text.isascii():
        return text.isprintable()
    return all(ord(c) < _WIDEST and c.isprintable() and cell_len(c) == 1 for c in text)


def _displayable(text: str) -> Iterator[str]:
    """Yield characters of one or two columns that no terminal joins with adjacent ones."""
    for character in unicodedata.normalize("NFC", text):
        if not character.isprintable() or _joins_pairs(character):
            yield _UNKNOWN
        elif 1 <= cell_len(character) <= 2:
            yield character


def _joins_pairs(character: str) -> bool:
    """Return whether `character` is a regional indicator, two of which a terminal draws as one flag."""
    return "\U0001f1e6" <= character <= "\U0001f1ff"
