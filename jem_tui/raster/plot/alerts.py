"""Signs of values that a chart cannot show as a curve."""

from __future__ import annotations

from jem_tui.raster.plot.canvas import DOTS_WIDE, Canvas, Ink
from jem_tui.raster.plot.columns.curves import Envelope

_NAN, _ABOVE, _BELOW = "×", "▲", "▼"


def put_hidden(plot: Canvas, count: int) -> None:
    """Write the number of points that a logarithmic axis cannot show into the lowest row, below all values."""
    texts = [f"{count:,} ≤ 0 not shown", f"{count:,} ≤ 0", f"{count:,}≤0"]
    text = next((text for text in texts if len(text) <= plot.glyphs.shape[1]), texts[-1])
    if count:
        plot.write(-1, 0, text, Ink.ALERT)


def put_alerts(plot: Canvas, envelope: Envelope) -> None:
    """Put signs for NaN and +inf at the upper edge, for −inf at the lower edge, in the cells of their columns."""
    rows = len(plot.glyphs)
    for columns, row, sign in (
        (envelope.above, 0, _ABOVE),
        (envelope.nan, 0, _NAN),
        (envelope.below, rows - 1, _BELOW),
    ):
        cells = columns.reshape(-1, DOTS_WIDE).any(axis=1)
        plot.glyphs[row, cells] = ord(sign)
        plot.inks[row, cells] = Ink.ALERT
