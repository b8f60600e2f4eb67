"""The panes behind tabs, where the terminal is too narrow to show them side by side."""

from __future__ import annotations

from textual.content import Content
from textual.style import Style
from textual.widgets import Static

TABS = ("curves", "samples", "notes")


class TabBar(Static):
    """One row of names that can be clicked; the current one is bold and in brackets."""

    def show(self, current: str) -> None:
        parts = [_tab(number, name, current) for number, name in enumerate(TABS, start=1)]
        self.update(Content.assemble(" ", Content("  ").join(parts)), layout=False)


def _tab(number: int, name: str, current: str) -> Content:
    if name == current:
        return Content.styled(f"[{number} {name}]", "bold $foreground")
    return Content(f" {number} {name} ").stylize(Style.from_meta({"@click": f"screen.tab('{name}')"}))
