"""What a widget shows that has nothing to draw, and colours as numbers."""

from __future__ import annotations

from collections.abc import Sequence

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.strip import Strip

from jem_tui.tui.raster.grid import Rgb


def message(text: str, size: Size, style: Style) -> Sequence[Strip]:
    """Calm lines of text in the middle."""
    lines = text.split("\n")
    top = max(0, size.height - len(lines) + 1) // 2
    rows = ["" for _ in range(top)] + lines
    padded = [*rows, *("" for _ in range(size.height - len(rows)))][: size.height]
    return [Strip([Segment(row[: size.width].center(size.width), style)], size.width) for row in padded]


def rgb(colour: Color | None, default: Rgb) -> Rgb:
    """The true colour of a style; terminal colours, which have none, give the default."""
    if colour is None or colour.triplet is None:
        return default
    return colour.triplet.red, colour.triplet.green, colour.triplet.blue
