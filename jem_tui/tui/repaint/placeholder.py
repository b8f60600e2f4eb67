"""Placeholder text of a widget without data."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.strip import Strip


def placeholder_rows(text: str, size: Size, style: Style) -> Sequence[Strip]:
    """Return rows with lines of text in the middle of an area."""
    lines = text.split("\n")
    top = max(0, size.height - len(lines) + 1) // 2
    rows = ["" for _ in range(top)] + lines
    padded = [*rows, *("" for _ in range(size.height - len(rows)))][: size.height]
    return [Strip([Segment(_centred(row, size.width), style)], size.width) for row in padded]


def _centred(row: str, width: int) -> str:
    """Pad or cut a row to exactly `width` columns, counting wide characters as two."""
    return set_cell_size(" " * max(0, (width - cell_len(row)) // 2) + row, width)
