"""Canvas of cells with one ink each, and the braille dots of envelopes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from jem_tui.raster.cells.cells import pack_braille
from jem_tui.raster.cells.glyphs import BRAILLE_BLANK, glyphs_of
from jem_tui.raster.plot.columns.curves import Envelope, Floats

DOTS_HIGH = 4
DOTS_WIDE = 2
Dots = NDArray[np.bool_]
_HALF = 0.5 + 1e-6
"""Rounds up between two dots; the extra keeps rounding errors of a constant curve from alternating between two rows."""


class Ink(IntEnum):
    """Role of a cell in a chart, which determines its style."""

    BLANK = 0
    TITLE = 1
    AXIS = 2
    MARK = 3
    BAND = 4
    LINE = 5
    SECOND_BAND = 6
    SECOND_LINE = 7
    RUN_0 = 8
    """First of eight inks, one for each colour in the palette of runs."""
    RUN_1 = 9
    RUN_2 = 10
    RUN_3 = 11
    RUN_4 = 12
    RUN_5 = 13
    RUN_6 = 14
    RUN_7 = 15
    AHEAD = 16
    GAP = 17
    ALERT = 18
    CURSOR = 19
    ENVELOPE = 20
    """Range of the raw values outside the band."""
    SECOND_ENVELOPE = 21
    RAW_VALUE = 22
    """Raw value in the header: text in a weaker form of the colour of the line."""


@dataclass(frozen=True, slots=True)
class Layer:
    """Dots in one ink; a cell has the ink of the last layer with dots in it."""

    dots: Dots
    ink: Ink
    joined: bool = False
    """True if the dots of lower layers stay in the cells."""


@dataclass(frozen=True, slots=True)
class Canvas:
    """Cells as code points and inks, both of shape (rows, columns)."""

    glyphs: NDArray[np.uint32]
    inks: NDArray[np.uint8]

    @classmethod
    def blank(cls, columns: int, rows: int) -> Canvas:
        """Return a canvas of spaces."""
        glyphs = np.full((rows, columns), ord(" "), dtype=np.uint32)
        return cls(glyphs, np.zeros((rows, columns), dtype=np.uint8))

    def copy(self) -> Canvas:
        """Return an independent copy."""
        return Canvas(self.glyphs.copy(), self.inks.copy())

    def write(self, row: int, column: int, text: str, ink: Ink) -> None:
        """Write text into one row, cut off at the right edge."""
        glyphs = glyphs_of(text, self.glyphs.shape[1] - column)
        self.glyphs[row, column : column + len(glyphs)] = glyphs
        self.inks[row, column : column + len(glyphs)] = ink


def stack(layers: Sequence[Layer], columns: int, rows: int) -> Canvas:
    """Draw the layers on one canvas, the first at the bottom."""
    plot = Canvas.blank(columns, rows)
    for layer in layers:
        packed = pack_braille(layer.dots)
        drawn = packed != BRAILLE_BLANK
        if layer.joined:
            packed = np.where(plot.glyphs >= BRAILLE_BLANK, packed | plot.glyphs, packed)
        plot.glyphs[drawn] = packed[drawn]
        plot.inks[drawn] = layer.ink
    return plot


def fill(envelope: Envelope, limits: tuple[float, float], height: int) -> Dots:
    """Return the dots from the low to the high of each column, joined to adjacent columns; shape (height, width).

    Values outside `limits` are drawn at the edge.
    """
    known = np.isfinite(envelope.low)
    top, bottom = to_rows(envelope.high, limits, height), to_rows(envelope.low, limits, height)
    top, bottom = _join(top, bottom, known)
    row = np.arange(height)[:, None]
    return (row >= top) & (row <= bottom) & known


def scatter(
    x: Floats, y: Floats, x_axis: tuple[float, float], y_axis: tuple[float, float], size: tuple[int, int]
) -> Dots:
    """Return a dot for each finite point within the x axis, on `size` (columns, rows) cells."""
    columns, rows = size
    dots = np.zeros((rows * DOTS_HIGH, columns * DOTS_WIDE), dtype=np.bool_)
    place = to_columns(x, x_axis, dots.shape[1])
    shown = np.isfinite(y) & (place >= 0) & (place < dots.shape[1])
    dots[to_rows(y[shown], y_axis, len(dots)), place[shown]] = True
    return dots


def shade_between(one: Envelope, other: Envelope, limits: tuple[float, float], height: int) -> Dots:
    """Return the dots between two lines, in the columns that have both; shape (height, width)."""
    ends = to_rows(np.stack([one.low, other.low]), limits, height)
    row = np.arange(height)[:, None]
    shaded: Dots = (row >= ends.min(axis=0)) & (row <= ends.max(axis=0)) & np.isfinite(one.low + other.low)
    return shaded


def to_columns(x: Floats, limits: tuple[float, float], width: int) -> NDArray[np.intp]:
    """Return the column of dots of each `x`: −1 below the limits and for NaN, `width` above the limits."""
    with np.errstate(over="ignore", invalid="ignore"):
        scaled = np.floor((x - limits[0]) / (limits[1] - limits[0]) * width)
    columns: Floats = np.minimum(np.maximum(scaled, 0), width - 1)
    columns[~(x >= limits[0])] = -1
    columns[x > limits[1]] = width
    return columns.astype(np.intp)


def to_rows(y: Floats, limits: tuple[float, float], height: int) -> NDArray[np.intp]:
    """Return the row of dots of each `y`: an edge row outside the limits, the row of 0 for NaN."""
    with np.errstate(over="ignore"):
        share = (limits[1] - np.nan_to_num(y)) / (limits[1] - limits[0])
    rows: NDArray[np.float64] = np.floor(np.clip(share, 0, 1) * (height - 1) + _HALF)
    return rows.astype(np.intp)


def _join(
    top: NDArray[np.intp], bottom: NDArray[np.intp], known: NDArray[np.bool_]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Extend adjacent columns that do not touch until they meet halfway."""
    both = known[1:] & known[:-1]
    falls = both & (top[1:] > bottom[:-1] + 1)
    rises = both & (bottom[1:] < top[:-1] - 1)
    fall, rise = (bottom[:-1] + top[1:]) // 2, (top[:-1] + bottom[1:]) // 2
    new_top, new_bottom = top.copy(), bottom.copy()
    new_bottom[:-1][falls] = np.maximum(new_bottom[:-1], fall)[falls]
    new_top[1:][falls] = np.minimum(new_top[1:], fall + 1)[falls]
    new_top[:-1][rises] = np.minimum(new_top[:-1], rise + 1)[rises]
    new_bottom[1:][rises] = np.maximum(new_bottom[1:], rise)[rises]
    return new_top, new_bottom
