"""What a widget shows that has nothing to draw, and colours as numbers."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size
from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.strip import Strip

from jem_tui.raster.tiles.grid import Rgb


def placeholder_rows(text: str, size: Size, style: Style) -> Sequence[Strip]:
    """Calm lines of text in the middle."""
    lines = text.split("\n")
    top = max(0, size.height - len(lines) + 1) // 2
    rows = ["" for _ in range(top)] + lines
    padded = [*rows, *("" for _ in range(size.height - len(rows)))][: size.height]
    return [Strip([Segment(_centred(row, size.width), style)], size.width) for row in padded]


def _centred(row: str, width: int) -> str:
    """Fill or cut a row to exactly `width` columns, whatever the width of its characters."""
    return set_cell_size(" " * max(0, (width - cell_len(row)) // 2) + row, width)


def rgb(colour: Color | None, default: Rgb) -> Rgb:
    """The true colour of a style; terminal colours, which have none, give the default."""
    if colour is None or colour.triplet is None:
        return default
    return colour.triplet.red, colour.triplet.green, colour.triplet.blue
