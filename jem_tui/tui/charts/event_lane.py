"""Lane of event marks below the charts, with the names of their signs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from textual.content import Content
from textual.widgets import Static

from jem_tui.events.recording import MarkKind
from jem_tui.raster.plot.axes import Frame
from jem_tui.raster.plot.event_marks import RANK, EventMark, marks_by_column, signs_of
from jem_tui.raster.plot.ranges import nonempty_limits
from jem_tui.raster.plot.scales.scale import Limits
from jem_tui.tui.preferences.theme import MUTED
from jem_tui.tui.repaint.changed_content import show_content
from jem_tui.tui.repaint.containment import contain_failures
from jem_tui.tui.state.note_signs import SIGNS as NOTE_SIGNS

NAMES: Mapping[MarkKind, str] = {**{kind: note.name for kind, note in NOTE_SIGNS.items()}, "pause": "pause"}
"""Name of each kind of event in the legend."""
PAUSE_TONE = "$text-accent"
TITLE = "events"
ROOM_FOR_LEGEND = 16
"""Minimum rows of a charts pane whose lane has a legend."""
GAP = "  "


@dataclass(frozen=True, slots=True)
class LaneSection:
    """Part of the lane below one column of charts."""

    left: int
    """Column of the lane at which the charts begin."""
    width: int
    """Width of the charts."""


@contain_failures
class EventLane(Static):
    """One row with the sign of each event below every column of charts, and a row that names the signs; hidden without events."""

    DEFAULT_CSS = "EventLane { height: auto; width: 1fr; display: none; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)

    def show(self, marks: Sequence[EventMark], limits: Limits, sections: Sequence[LaneSection], rows: int) -> None:
        """Draw `marks` over `limits` of the x axis below each of `sections`; `rows` are those of the whole pane."""
        self.display = bool(marks)
        if not marks or not sections:
            return
        widths = {section.width for section in sections}
        found = {width: _kinds(marks, limits, width) for width in widths}
        signs: dict[MarkKind, str] = {}
        for width, kinds in found.items():
            signs |= signs_of(kinds, width)
        lines = [_lane(sections, found, signs)]
        if rows >= ROOM_FOR_LEGEND:
            lines.append(_legend(signs, max(section.left + section.width for section in sections)))
        content = Content("\n").join(lines)
        show_content(self, content, layout=len(lines) != self.size.height)


def _kinds(marks: Sequence[EventMark], limits: Limits, width: int) -> dict[int, MarkKind]:
    return marks_by_column(marks, nonempty_limits(*limits), Frame.within(width, 1).plot_columns)


def _lane(
    sections: Sequence[LaneSection], found: Mapping[int, Mapping[int, MarkKind]], signs: Mapping[MarkKind, str]
) -> Content:
    """Return the row of signs."""
    parts: list[Content | tuple[str, str]] = []
    column = 0
    for section in sections:
        left = Frame.within(section.width, 1).left
        parts.append((" " * (section.left - column) + f"{TITLE.rjust(max(0, left - 1))} "[:left], MUTED))
        column, kinds = section.left + left, found[section.width]
        for place, kind in sorted(kinds.items()):
            parts.append((" " * (section.left + left + place - column), ""))
            parts.append((signs[kind], _tone(kind)))
            column = section.left + left + place + 1
    return Content.assemble(*parts)


def _legend(signs: Mapping[MarkKind, str], room: int) -> Content:
    """Return the signs with their names, the most important first, as many as fit."""
    parts: list[Content] = []
    for kind in sorted(signs, key=lambda kind: RANK.get(kind, len(RANK))):
        part = Content.assemble((signs[kind], _tone(kind)), " ", (NAMES.get(kind, kind), MUTED))
        if sum(each.cell_length + len(GAP) for each in parts) + part.cell_length <= room:
            parts.append(part)
    return Content(GAP).join(parts)


def _tone(kind: MarkKind) -> str:
    return PAUSE_TONE if kind == "pause" else NOTE_SIGNS.get(kind, NOTE_SIGNS["info"]).tone
