"""The panes behind tabs, where the terminal is too narrow to show them side by side."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.style import Style
from textual.widgets import Static

from jem_tui.tui.preferences.pane_layout import PANES, PaneName
from jem_tui.tui.repaint.containment import contain_failures

SHORT = {"distributions": "histograms"}
"""Names that have to be short where it is narrowest."""
ROOM_FOR_NAMES = 72


@contain_failures
class TabBar(Static):
    """One row of names that can be clicked; the current one is bold and in brackets."""

    def show(self, current: PaneName, names: Sequence[PaneName]) -> None:
        """Say which pane is shown."""
        short = SHORT if self.app.size.width < ROOM_FOR_NAMES else {}
        numbered = [(PANES.index(name) + 1, name) for name in names]
        parts = [_tab(number, name, short.get(name, name), current) for number, name in numbered]
        self.update(Content.assemble(" ", Content(" ").join(parts)), layout=False)


def _tab(number: int, name: PaneName, text: str, current: PaneName) -> Content:
    if name == current:
        return Content.styled(f"[{number} {text}]", "bold $foreground")
    return Content(f" {number} {text} ").stylize(Style.from_meta({"@click": f"screen.workspace('pane', '{name}')"}))
