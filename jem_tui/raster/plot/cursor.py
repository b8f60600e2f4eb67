"""Value cursor: a position on the x axis, and the values of curves at that position."""

from __future__ import annotations

import numpy as np

from jem_tui.raster.cells.glyphs import BRAILLE_BLANK
from jem_tui.raster.plot.axes import Frame
from jem_tui.raster.plot.canvas import Canvas, Ink, to_columns
from jem_tui.raster.plot.columns.curves import Curve
from jem_tui.raster.plot.scales.scale import Limits

_LINE = "│"
_COVERED = (Ink.BLANK, Ink.BAND, Ink.SECOND_BAND, Ink.ENVELOPE, Ink.SECOND_ENVELOPE, Ink.GAP, Ink.AHEAD)


def nearest_index(x: np.ndarray[tuple[int], np.dtype[np.float64]], place: float) -> int:
    """Return the index of the point that is closest to `place`; `x` is ascending and not empty."""
    after = int(np.searchsorted(x, place))
    if after == 0 or after == len(x):
        return min(after, len(x) - 1)
    return after if x[after] - place < place - x[after - 1] else after - 1


def values_at(curve: Curve, cursor: float | None) -> tuple[float, float]:
    """Return the smoothed and the raw value of a curve at the cursor, or the newest values without a cursor.

    The curve must not be empty.
    """
    index = -1 if cursor is None else nearest_index(curve.x, cursor)
    return float(curve.smooth[index]), float(curve.raw[index])


def put_cursor(canvas: Canvas, frame: Frame, x_axis: Limits, cursor: float) -> None:
    """Draw a vertical line through the plot, behind the curves; nothing if the cursor is outside."""
    column = int(to_columns(np.array([cursor]), x_axis, frame.plot_columns)[0])
    if not 0 <= column < frame.plot_columns:
        return
    rows, column = slice(1, frame.bottom), frame.left + column
    glyphs, inks = canvas.glyphs[rows, column], canvas.inks[rows, column]
    free = np.isin(inks, _COVERED) & ((glyphs == ord(" ")) | (glyphs >= BRAILLE_BLANK))
    glyphs[free] = ord(_LINE)
    inks[free] = Ink.CURSOR
