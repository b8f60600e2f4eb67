"""What happened, on a chart: a dotted upright line and a sign at its foot, the same one as in the notes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from jem_tui.stream.history import MarkKind
from jem_tui.tui.raster.curves import Envelope
from jem_tui.tui.raster.plot import DOTS_HIGH, DOTS_WIDE, Dots, Ink, Plot, to_columns
from jem_tui.tui.raster.scale import Limits

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


def put_signs(plot: Plot, marks: Sequence[EventMark], limits: Limits) -> None:
    """The sign of each event in the lowest cell of its column that no curve has; the later one where two meet."""
    columns = plot.glyphs.shape[1]
    signs = _by_place([mark for mark in marks if mark.kind not in _QUIET], limits, columns)
    quiet = _by_place([mark for mark in marks if mark.kind in _QUIET], limits, columns)
    if len(quiet) * _DENSE <= columns:
        signs = quiet | signs
    for column, mark in signs.items():
        free = np.flatnonzero(np.isin(plot.inks[:, column], _FREE))
        if len(free):
            plot.write(int(free[-1]), column, SIGNS.get(mark.kind, "·"), Ink.MARK)


def put_alerts(plot: Plot, envelope: Envelope) -> None:
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
    """The last mark of each column of the chart that has one."""
    columns = to_columns(np.array([mark.x for mark in marks], dtype=np.float64), limits, width).tolist()
    return {column: mark for column, mark in zip(columns, marks, strict=True) if 0 <= column < width}
