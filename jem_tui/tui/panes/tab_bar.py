"""Tabs for the panes on a terminal too narrow to show panes side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual.content import Content
from textual.style import Style
from textual.widgets import Static

from jem_tui.tui.preferences.pane_layout import PANES, PaneName
from jem_tui.tui.repaint.containment import contain_failures

SHORT: tuple[Mapping[str, str], ...] = (
    {},
    {"distributions": "histograms"},
    {"distributions": "hist"},
)
"""Abbreviations, from the longest names to the shortest."""
SHORTEST: Mapping[str, str] = {"distributions": "hist", "samples": "samp", "console": "out"}
"""Abbreviations for a narrow terminal with all panes."""


@contain_failures
class TabBar(Static):
    """One row of clickable names; the names of the panes on the screen are bold and in brackets."""

    def show(self, current: Sequence[PaneName], names: Sequence[PaneName]) -> None:
        """Display the names, with `current` as the panes that are shown."""
        rows = (_row(current, names, short, gap) for gap in (" ", "") for short in SHORT)
        fitting = (row for row in rows if row.cell_length <= self.app.size.width)
        self.update(next(fitting, _row(current, names, SHORTEST, "")), layout=False)


def _row(current: Sequence[PaneName], names: Sequence[PaneName], short: Mapping[str, str], gap: str) -> Content:
    """Return all tabs, with the abbreviations `short` and a `gap` before each."""
    numbered = [(PANES.index(name) + 1, name) for name in names]
    parts = [_tab(number, name, short.get(name, name), current) for number, name in numbered]
    return Content.assemble(gap, Content(gap).join(parts))


def _tab(number: int, name: PaneName, text: str, current: Sequence[PaneName]) -> Content:
    marked = (
        Content.styled(f"[{number} {text}]", "bold $foreground") if name in current else Content(f" {number} {text} ")
    )
    return marked.stylize(Style.from_meta({"@click": f"screen.workspace('pane', '{name}')"}))
