"""Tabs for the panes on a terminal too narrow to show panes side by side."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.style import Style
from textual.widgets import Static

from jem_tui.tui.preferences.pane_layout import PANES, PaneName
from jem_tui.tui.repaint.containment import contain_failures

SHORT = {"distributions": "histograms"}
"""Abbreviations for terminals narrower than `ROOM_FOR_NAMES`."""
ROOM_FOR_NAMES = 72
"""Minimum width of a tab bar with full names, in columns."""


@contain_failures
class TabBar(Static):
    """One row of clickable names; the current name is bold and in brackets."""

    def show(self, current: PaneName, names: Sequence[PaneName]) -> None:
        """Display the names, with `current` as the pane that is shown."""
        short = SHORT if self.app.size.width < ROOM_FOR_NAMES else {}
        numbered = [(PANES.index(name) + 1, name) for name in names]
        parts = [_tab(number, name, short.get(name, name), current) for number, name in numbered]
        self.update(Content.assemble(" ", Content(" ").join(parts)), layout=False)


def _tab(number: int, name: PaneName, text: str, current: PaneName) -> Content:
    if name == current:
        return Content.styled(f"[{number} {text}]", "bold $foreground")
    return Content(f" {number} {text} ").stylize(Style.from_meta({"@click": f"screen.workspace('pane', '{name}')"}))
