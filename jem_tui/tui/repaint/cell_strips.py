"""Cells as Textual strips: `CellStrip` writes its own colour codes, and converts to segments on demand.

This module depends on the private names `Strip._segments`, `Strip._render_cache` and `Console._color_system`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from rich.color import Color, ColorSystem
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual.color import Color as TextualColor
from textual.filter import ANSIToTruecolor, LineFilter
from textual.strip import Strip

from jem_tui.raster.cells.ansi import Depth, encode_rows
from jem_tui.raster.cells.cells import Cells
from jem_tui.raster.cells.glyphs import COVERED
from jem_tui.raster.cells.segments import code_points_to_text, row_segments, run_bounds
from jem_tui.raster.tiles.grid import Rgb

_COVERED = chr(COVERED)
_DEPTHS: dict[ColorSystem | None, Depth] = {
    None: "truecolor",
    ColorSystem.TRUECOLOR: "truecolor",
    ColorSystem.EIGHT_BIT: "256",
}


class CellRows:
    """Rows of cells that are encoded together when the first row is rendered."""

    def __init__(self, cells: Cells) -> None:
        self.cells = cells
        self._encoded: dict[Depth, list[str]] = {}

    @property
    def columns(self) -> int:
        """Number of cells in a row."""
        columns: int = self.cells.glyphs.shape[1]
        return columns

    def strips(self) -> list[CellStrip]:
        """Return one strip for each row."""
        return [CellStrip(self, row) for row in range(len(self.cells.glyphs))]

    def ansi(self, row: int, depth: Depth) -> str:
        """Return one row as text with colour codes."""
        if depth not in self._encoded:
            self._encoded[depth] = encode_rows(self.cells, depth)
        return self._encoded[depth][row]

    def segments(self, row: int) -> list[Segment]:
        """Return one row as segments of equal colours."""
        return row_segments(self.cells, row)

    def part(self, row: int, start: int, end: int) -> CellStrip:
        """Return a strip of the cells from `start` to `end` of one row."""
        here = np.s_[row : row + 1, start:end]
        return CellStrip(CellRows(Cells(self.cells.glyphs[here], self.cells.fg[here], self.cells.bg[here])), 0)


class CellStrip(Strip):
    """Strip of one row of cells.

    Cropping and dividing give cell strips again; other operations of Textual (styles, filters, padding, joining) read the
    segments, which are created on demand.
    """

    __slots__ = ("_made", "_picture", "_row")

    def __init__(self, picture: CellRows, row: int) -> None:
        self._picture = picture
        self._row = row
        self._made: list[Segment] = []
        super().__init__((), picture.columns)

    @property
    def _segments(self) -> list[Segment]:
        if not self._made:
            self._made = self._picture.segments(self._row)
        return self._made

    @_segments.setter
    def _segments(self, segments: list[Segment]) -> None:
        self._made = segments

    @property
    def cell_count(self) -> int:
        """Number of cells, each of which holds one character."""
        return self._picture.columns

    def __bool__(self) -> bool:
        return self._picture.columns > 0

    def render(self, console: Console) -> str:
        """Return the row as text with colour codes of the console's colour system."""
        depth = _DEPTHS.get(console._color_system)
        if depth is None:
            return super().render(console)
        if self._render_cache is None:
            self._render_cache = self._picture.ansi(self._row, depth)
        return self._render_cache

    def crop(self, start: int, end: int | None = None) -> Strip:
        """Return the cells from `start` to `end`."""
        width = self._picture.columns
        start, end = max(0, start), width if end is None else min(width, end)
        if start == 0 and end == width:
            return self
        return self._picture.part(self._row, start, end) if start < end else Strip([], 0)

    def divide(self, cuts: Iterable[int]) -> Sequence[Strip]:
        """Divide the row at the cuts."""
        width = self._picture.columns
        ends = [cut for cut in cuts if cut <= width]
        return [self.crop(start, end) for start, end in zip([0, *ends], ends, strict=False)]

    def apply_filter(self, filter: LineFilter, background: TextualColor) -> Strip:
        """Return the filtered row, or the row itself for `ANSIToTruecolor`: its colours are true colours already."""
        return self if isinstance(filter, ANSIToTruecolor) else super().apply_filter(filter, background)


def styled_strip(glyphs: NDArray[np.uint32], inks: NDArray[np.uint8], styles: Sequence[Style]) -> Strip:
    """Return a strip of one row whose cells have few styles; `inks`, shape (columns,), are indices into `styles`."""
    text = code_points_to_text(glyphs)
    segments = [Segment(text[start:end].replace(_COVERED, ""), styles[inks[start]]) for start, end in run_bounds(inks)]
    return Strip(segments, len(glyphs))


def rgb_of(colour: Color | None, default: Rgb) -> Rgb:
    """Return the true colour of a style, or the default for a colour that the terminal defines."""
    if colour is None or colour.triplet is None:
        return default
    return colour.triplet.red, colour.triplet.green, colour.triplet.blue
