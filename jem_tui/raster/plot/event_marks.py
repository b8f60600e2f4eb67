"""What happened, on a chart: a dotted upright line and a sign at its foot, the same one as in the notes."""

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
"""A sign for every kind of event."""
_QUIET = frozenset({"epoch"})
"""Kinds that are told at the foot alone."""
_DENSE = 8
"""Marks closer than this many cells on average have no lines, and quiet ones no signs but dots."""
_DOT = "⠂"
_OTHER = "·"
"""The sign of events of a kind that this program does not know."""
_NAN, _ABOVE, _BELOW = "×", "▲", "▼"
_FREE = (Ink.BLANK, Ink.MARK, Ink.BAND, Ink.SECOND_BAND, Ink.GAP, Ink.AHEAD)
"""What a sign may cover; it moves up the plot to find it."""


@dataclass(frozen=True, slots=True)
class EventMark:
    """An event at its place on the x axis."""

    x: float
    kind: MarkKind


def mark_lines(marks: Sequence[EventMark], limits: Limits, columns: int, rows: int) -> Dots:
    """A dotted upright line at each mark, or a dot in the lowest row where they are many or quiet."""
    dots = np.zeros((rows * DOTS_HIGH, columns * DOTS_WIDE), dtype=np.bool_)
    foot = (rows - 1) * DOTS_HIGH + 1
    for quiet in (True, False):
        kind = [mark for mark in marks if (mark.kind in _QUIET) is quiet]
        places = list(_by_place(kind, limits, columns * DOTS_WIDE))
        few = not quiet and len(places) * _DENSE <= columns
        dots[1 if few else foot :: DOTS_HIGH, places] = True
    return dots


def put_signs(plot: Canvas, marks: Sequence[EventMark], limits: Limits) -> None:
    """Put the sign of each event into the lowest cell of its column that no curve has; the later event's where two meet.

    Quiet events that are many keep their dot at the foot, above a curve that lies there.
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
    """Return the lowest cell of each column that is free, else the lowest without an alert, else the lowest."""
    upwards = inks[::-1]
    free, calm = np.isin(upwards, _FREE), upwards != Ink.ALERT
    above_foot = np.where(free.any(axis=0), free.argmax(axis=0), calm.argmax(axis=0))
    return np.asarray(len(inks) - 1 - above_foot, dtype=np.intp)


def put_hidden(plot: Canvas, count: int) -> None:
    """Write how many points are missing, where they would be: below everything else."""
    texts = [f"{count:,} ≤ 0 not shown", f"{count:,} ≤ 0", f"{count:,}≤0"]
    text = next((text for text in texts if len(text) <= plot.glyphs.shape[1]), texts[-1])
    if count:
        plot.write(-1, 0, text, Ink.ALERT)


def put_alerts(plot: Canvas, envelope: Envelope) -> None:
    """A sign at the upper edge for NaN and +inf, at the lower edge for −inf, in the cells of their columns."""
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
    """Return the last mark of each column of the chart that has one."""
    if not marks:
        return {}
    columns = to_columns(np.array([mark.x for mark in marks], dtype=np.float64), limits, width).tolist()
    return {column: mark for column, mark in zip(columns, marks, strict=True) if 0 <= column < width}
