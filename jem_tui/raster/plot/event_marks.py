"""Event marks below the charts: the sign of each event at its position on the x axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from jem_tui.events.recording import MarkKind
from jem_tui.raster.plot.canvas import to_columns
from jem_tui.raster.plot.scales.scale import Limits

SIGNS: dict[MarkKind, str] = {
    "divergence": "x",
    "rewind": "<",
    "outage": "!",
    "warning": "!",
    "adjust": "*",
    "reseed": "~",
    "pause": "‖",
    "end": "|",
    "checkpoint": "+",
    "evaluation": "%",
    "epoch": "=",
    "recorded": "·",
    "info": "·",
}
"""Sign of each kind of event, the most important kind first: of several events in a column it has the sign."""
OTHER = "·"
"""Sign of an event of an unknown kind."""
RANK: dict[MarkKind, int] = {kind: rank for rank, kind in enumerate(SIGNS)}
_QUIET: MarkKind = "epoch"
_DENSE = 4
"""Average cells per epoch below which epochs are dots, so that they do not form a line of signs."""
_DOT = "⠂"


@dataclass(frozen=True, slots=True)
class EventMark:
    """Event at a position on the x axis."""

    x: float
    kind: MarkKind


def marks_by_column(marks: Sequence[EventMark], limits: Limits, columns: int) -> dict[int, MarkKind]:
    """Return the most important kind of event in each of `columns` over `limits`."""
    if not marks or columns <= 0:
        return {}
    places = to_columns(np.array([mark.x for mark in marks], dtype=np.float64), limits, columns).tolist()
    found: dict[int, MarkKind] = {}
    for column, mark in zip(places, marks, strict=True):
        if 0 <= column < columns and _rank(mark.kind) < _rank(found.get(column)):
            found[column] = mark.kind
    return found


def signs_of(kinds: dict[int, MarkKind], columns: int) -> dict[MarkKind, str]:
    """Return the sign of each of the `kinds` by column, a dot for epochs where these are dense."""
    dense = sum(kind == _QUIET for kind in kinds.values()) * _DENSE > columns
    return {kind: _DOT if dense and kind == _QUIET else SIGNS.get(kind, OTHER) for kind in kinds.values()}


def _rank(kind: MarkKind | None) -> int:
    return len(RANK) + 1 if kind is None else RANK.get(kind, len(RANK))
