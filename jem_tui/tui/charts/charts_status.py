"""Status line of the charts: settings, visible panels, and the position of the cursor."""

from __future__ import annotations

from dataclasses import dataclass

from rich.cells import cell_len
from textual.content import Content
from textual.widgets import Static

from jem_tui.raster.plot.time_ticks import duration_label
from jem_tui.tui.charts.chart_settings import FOREIGN_UNITS, ChartSettings
from jem_tui.tui.charts.viewport import CursorPosition
from jem_tui.tui.charts.x_window import XWindow
from jem_tui.tui.preferences.theme import MUTED
from jem_tui.tui.repaint.containment import contain_failures
from jem_tui.tui.state import text_formats

GAP = "  "
NO_CURVES = "this log has no curves"


@dataclass(frozen=True, slots=True)
class PanelRange:
    """Visible panels: `shown` of `count`, starting at index `first`."""

    first: int
    shown: int
    count: int

    @property
    def text(self) -> str:
        """Numbers of the visible panels, with signs for further panels above and below; empty if all are visible."""
        if self.shown >= self.count:
            return ""
        last = self.first + self.shown
        above, below = "▴" if self.first else " ", "▾" if last < self.count else " "
        names = f"panel {last}" if self.shown == 1 else f"panels {self.first + 1}–{last}"
        return f"{names} of {self.count} {above}{below}"


@dataclass(frozen=True, slots=True)
class StatusFacts:
    """Content of the status line."""

    view: ChartSettings
    window: XWindow
    panels: PanelRange
    filter_text: str
    place: CursorPosition | None
    """Position of the cursor."""
    foreign: bool = False
    """True if the curves are those of a foreign log, which counts its own steps."""


def status_text(sight: StatusFacts, width: int) -> Content:
    """Format the content that fits in `width`, with the cursor or the visible panels at the right."""
    right = _right(sight)
    parts = _parts(sight)
    while parts and sum(map(cell_len, parts)) + len(GAP) * len(parts) + right.cell_length > width:
        parts.pop()
    left = Content.styled(GAP.join(parts), MUTED)
    room = max(0, width - left.cell_length - right.cell_length)
    return Content.assemble(left, " " * room, right) if right.cell_length <= width else left


def _parts(sight: StatusFacts) -> list[str]:
    """Return the texts at the left, the most important first."""
    window = sight.window
    zoomed = [] if window.width is None else ["zoomed: newest" if window.end is None else "zoomed: a returns"]
    filters = [f"/{text_formats.shorten(sight.filter_text, 16)}"] if sight.filter_text else []
    scale = [] if sight.view.scale == "automatic" else [f"y {sight.view.scale}"]
    usual = [
        f"smoothing {sight.view.smoothing:g}",
        *scale,
        f"x {FOREIGN_UNITS[sight.view.axis] if sight.foreign else sight.view.axis}",
    ]
    return [*filters, *zoomed, *(reversed(usual) if zoomed else usual)]


def _right(sight: StatusFacts) -> Content:
    place = sight.place
    if place is None:
        empty = sight.foreign and not sight.panels.count and not sight.filter_text
        return Content.styled(NO_CURVES if empty else sight.panels.text, MUTED)
    seen = f"step {place.images:,}" if sight.foreign else f"step {place.step:,}  {place.images:,} images"
    where = f"{seen}  {duration_label(place.seconds)}"
    return Content.styled(where, "$primary")


@contain_failures
class ChartsStatus(Static):
    """Widget of the status line."""

    DEFAULT_CSS = "ChartsStatus { height: 1; width: 1fr; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)

    def show(self, sight: StatusFacts) -> None:
        """Update the line if its content has changed."""
        content = status_text(sight, self.size.width)
        if content != self.content:
            self.update(content, layout=False)
