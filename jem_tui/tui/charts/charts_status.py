"""Status line of the charts: settings, visible panels, and the position of the cursor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from rich.cells import cell_len
from textual.content import Content
from textual.widgets import Static

from jem_tui.raster.plot.scales.time_ticks import duration_label
from jem_tui.tui.charts.chart_settings import ChartSettings
from jem_tui.tui.charts.viewport import CursorPosition
from jem_tui.tui.charts.x_window import XWindow
from jem_tui.tui.preferences.theme import MUTED
from jem_tui.tui.repaint.changed_content import show_content
from jem_tui.tui.repaint.containment import contain_failures
from jem_tui.tui.state import text_formats

GAP = "  "
NO_CURVES, NO_MATCH = "this log has no curves", "no curve matches"


@dataclass(frozen=True, slots=True)
class PanelRange:
    """Visible panels: `shown` of `count`, starting at index `first`."""

    first: int
    shown: int
    count: int
    constant: int = 0
    """Number of panels that are hidden because their curves do not vary."""

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

    settings: ChartSettings
    window: XWindow
    panels: PanelRange
    filter_text: str
    place: CursorPosition | None
    """Position of the cursor."""
    foreign: bool = False
    """True if the curves count steps alone: those of a foreign log, or of a loop that does not pass images."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """The displayed keys by their names."""
    unit: str = ""
    """Unit of the x axis; empty for the name of the axis."""


def status_text(facts: StatusFacts, width: int) -> Content:
    """Format the content that fits in `width`, with the cursor or the visible panels at the right."""
    right = _right(facts)
    parts = _parts(facts)
    while parts and sum(map(cell_len, parts)) + len(GAP) * len(parts) + right.cell_length > width:
        parts.pop()
    left = Content.styled(GAP.join(parts), MUTED)
    room = max(0, width - left.cell_length - right.cell_length)
    return Content.assemble(left, " " * room, right) if right.cell_length <= width else left


def _parts(facts: StatusFacts) -> list[str]:
    """Return the texts at the left, the most important first."""
    window = facts.window
    zoomed = (
        []
        if window.width is None
        else ["zoomed: newest" if window.end is None else f"zoomed · {facts.keys.get('newest', '')} follow"]
    )
    filters = [f"/{text_formats.shorten(facts.filter_text, 16)}"] if facts.filter_text else []
    scale = [] if facts.settings.scale == "automatic" else [f"y {facts.settings.scale}"]
    usual = [
        f"smoothing {facts.settings.smoothing:g}",
        *scale,
        f"x {facts.unit or facts.settings.axis}",
        *([f"{facts.panels.constant} constant hidden, filter * shows all"] if facts.panels.constant else []),
    ]
    return [*filters, *zoomed, *(reversed(usual) if zoomed else usual)]


def _right(facts: StatusFacts) -> Content:
    place = facts.place
    if facts.filter_text and not facts.panels.count:
        keys = " ".join(facts.keys.get(name, "") for name in ("filter-metrics", "filter-clear"))
        return Content.styled(f"{NO_MATCH}; {keys} clears", "$text-warning")
    if place is None:
        empty = facts.foreign and not facts.panels.count
        return Content.styled(NO_CURVES if empty else facts.panels.text, MUTED)
    position = f"step {place.images:,}" if facts.foreign else f"step {place.step:,}  {place.images:,} images"
    text = f"{position}  {duration_label(place.seconds)}"
    return Content.styled(text, "$text-primary")


@contain_failures
class ChartsStatus(Static):
    """Widget of the status line."""

    DEFAULT_CSS = "ChartsStatus { height: 1; width: 1fr; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)

    def show(self, facts: StatusFacts) -> None:
        """Update the line if its content has changed."""
        content = status_text(facts, self.size.width)
        show_content(self, content)
