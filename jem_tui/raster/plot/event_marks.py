"""Event marks of a chart: a dotted vertical line, with the sign of the notes pane at its foot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jem_tui.events.recording import MarkKind
from jem_tui.raster.plot.canvas import DOTS_HIGH, DOTS_WIDE, Canvas, Dots, Ink, to_columns
from jem_tui.raster.plot.curves import Envelope
from jem_tui.raster.plot.scale import Limits

SIGNS: dict[MarkKind, str] = {
    "info": "·",
    "warning": "!",
    "adjust": "*",
    "checkpoint": "+",
    "divergence": "x",
    "rewind": "<",
    "reseed": "~",
    "epoch": "=",
    "evaluation": "%",
    "outage": "!",
    "recorded": "·",
    "end": "|",
    "pause": "‖",
}
"""Sign of each kind of event."""
_QUIET = frozenset({"epoch"})
"""Kinds of events without a line: a sign or a dot at the foot."""
_DENSE = 8
"""Average cells per mark below which marks have no lines, and quiet marks have dots in place of signs."""
_DOT = "⠂"
_OTHER = "·"
"""Sign of an event of an unknown kind."""
_NAN, _ABOVE, _BELOW = "×", "▲", "▼"
_FREE = (Ink.BLANK, Ink.MARK, Ink.BAND, Ink.SECOND_BAND, Ink.GAP, Ink.AHEAD)
"""Inks that a sign may cover; a sign moves up its column to such a cell."""


@dataclass(frozen=True, slots=True)
class EventMark:
    """Event at a position on the x axis."""

    x: float
    kind: MarkKind


def mark_lines(marks: Sequence[EventMark], limits: Limits, columns: int, rows: int) -> Dots:
    """Return a dotted vertical line at each mark, or a dot in the lowest row where marks are dense or quiet."""
    dots = np.zeros((rows * DOTS_HIGH, columns * DOTS_WIDE), dtype=np.bool_)
    foot = (rows - 1) * DOTS_HIGH + 1
    for quiet in (True, False):
        kind = [mark for mark in marks if (mark.kind in _QUIET) is quiet]
        places = list(_by_place(kind, limits, columns * DOTS_WIDE))
        few = not quiet and len(places) * _DENSE <= columns
        dots[1 if few else foot :: DOTS_HIGH, places] = True
    return dots


def put_signs(plot: Canvas, marks: Sequence[EventMark], limits: Limits) -> None:
    """Put the sign of each event into the lowest cell of its column that no curve occupies.

    The later of two events in a column has the sign. Dense quiet events keep their dot, moved above a curve at the foot.
    """
    columns = plot.glyphs.shape[1]
    if not marks:
        return
    signs = {
        column: SIGNS.get(mark.kind, _OTHER)
        for column, mark in _by_place([mark for mark in marks if mark.kind not in _QUIET], limits, columns).items()
    }
    quiet = _by_place([mark for mark in marks if mark.kind in _QUIET], limits, columns)
    if len(quiet) * _DENSE <= columns:
        dots = {column: SIGNS.get(mark.kind, _OTHER) for column, mark in quiet.items()}
    else:
        dots = {column: _DOT for column in quiet if plot.inks[-1, column] != Ink.MARK}
    every = dots | signs
    columns_signed = list(every)
    rows = _rows_for_signs(plot.inks[:, columns_signed])
    plot.glyphs[rows, columns_signed] = [ord(sign) for sign in every.values()]
    plot.inks[rows, columns_signed] = Ink.MARK


def _rows_for_signs(inks: NDArray[np.uint8]) -> NDArray[np.intp]:
    """Return the row of the lowest free cell of each column, else of the lowest without an alert, else the lowest row."""
    upwards = inks[::-1]
    free, calm = np.isin(upwards, _FREE), upwards != Ink.ALERT
    above_foot = np.where(free.any(axis=0), free.argmax(axis=0), calm.argmax(axis=0))
    return np.asarray(len(inks) - 1 - above_foot, dtype=np.intp)


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


def _by_place(marks: Sequence[EventMark], limits: Limits, width: int) -> dict[int, EventMark]:
    """Return the last mark of each column with marks."""
    if not marks:
        return {}
    columns = to_columns(np.array([mark.x for mark in marks], dtype=np.float64), limits, width).tolist()
    return {column: mark for column, mark in zip(columns, marks, strict=True) if 0 <= column < width}
