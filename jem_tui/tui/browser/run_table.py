"""The table of runs, of which only the visible rows are drawn."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from jem_tui.tui.browser.run_columns import (
    CURSOR,
    GAP,
    MARK,
    TITLES,
    Cell,
    TableColumn,
    aligned,
    cell_of,
    displayed_name,
    fitting_columns,
)
from jem_tui.tui.browser.run_list_state import RunListState
from jem_tui.tui.browser.run_reading import RunReading
from jem_tui.tui.repaint.containment import contain_failures

STYLES = ("cursor", "head", "muted", "running", "finished", "bad", "curve", "tags", "mark")
BAD = frozenset({"crashed", "failed", "diverged", "damaged"})
"""States of runs that need attention."""


@contain_failures
class RunTable(ScrollView, can_focus=True, inherit_bindings=False):
    """A row for each run below a row of titles; the selected row is highlighted and has a sign."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"run-table--{name}" for name in STYLES}
    DEFAULT_CSS = """
    RunTable {
        height: 1fr;
        overflow-x: hidden;
        scrollbar-size-vertical: 1;
        scrollbar-color: $foreground 30%;
        scrollbar-background: $background;
        & > .run-table--cursor { background: $primary 25%; text-style: bold; }
        & > .run-table--head { color: $text-muted; }
        & > .run-table--muted { color: $text-muted; }
        & > .run-table--running { color: $text-primary; text-style: bold; }
        & > .run-table--finished { color: $text-success; }
        & > .run-table--bad { color: $text-error; }
        & > .run-table--curve { color: $text-primary; }
        & > .run-table--tags { color: $text-secondary; }
        & > .run-table--mark { color: $text-accent; text-style: bold; }
    }
    """

    class Selected(Message):
        """Another run is selected."""

    class Opened(Message):
        """The selected run was clicked twice."""

    def __init__(self, state: RunListState, reading: RunReading, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._state = state
        self._reading = reading

    def show(self) -> None:
        """Draw the rows again, and scroll to the selected one."""
        self.virtual_size = Size(self.size.width, len(self._state.runs) + 1)
        self._scroll_to_cursor()
        self.refresh()

    @property
    def visible_paths(self) -> Sequence[Path]:
        """The folders of the runs on the screen."""
        top = self.scroll_offset.y
        return tuple(run.path for run in self._state.runs[top : top + max(0, self.size.height - 1)])

    def move(self, rows: int) -> None:
        """Select the run some rows below, or above for a negative number."""
        self._select(self._state.index + rows)

    @property
    def page(self) -> int:
        """Number of rows of a page."""
        return max(1, self.size.height - 2)

    def render_line(self, y: int) -> Strip:
        """Return a row of the screen; the first one has the titles."""
        name_width, columns = fitting_columns(self.size.width)
        if y == 0:
            return self._strip(self._titles(name_width, columns), "head", cursor=False)
        index = self.scroll_offset.y + y - 1
        if index >= len(self._state.runs):
            return Strip.blank(self.size.width, self.rich_style)
        return self._row(index, name_width, columns)

    def on_resize(self, event: events.Resize) -> None:
        self.show()

    def on_click(self, event: events.Click) -> None:
        index = self.scroll_offset.y + event.y - 1
        if event.y >= 1 and index < len(self._state.runs):
            self._select(index)
            if event.chain == 2:
                self.post_message(self.Opened())

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Draw all rows after scrolling, since the row of titles stays."""
        super().watch_scroll_y(old_value, new_value)
        self.refresh()

    def _select(self, index: int) -> None:
        self._state.select(index)
        self._scroll_to_cursor()
        self.refresh()
        self.post_message(self.Selected())

    def _scroll_to_cursor(self) -> None:
        """Scroll so that the selected row is below the titles."""
        index, rows, top = self._state.index, max(1, self.size.height - 1), self.scroll_offset.y
        target = index if index < top else index - rows + 1 if index >= top + rows else top
        if target != top:
            self.scroll_to(y=target, animate=False, force=True)

    def _titles(self, name_width: int, columns: Sequence[TableColumn]) -> list[Cell]:
        cells = [Cell("    "), Cell(aligned("run", name_width, right=False), "head")]
        for column in columns:
            cells += [
                Cell(" " * GAP),
                Cell(aligned(TITLES.get(column.name, column.name), column.width, right=column.right), "head"),
            ]
        return cells

    def _row(self, index: int, name_width: int, columns: Sequence[TableColumn]) -> Strip:
        run, now = self._state.runs[index], time.time()
        cursor = run.path == self._state.selected
        name = aligned(displayed_name(run.path, self._reading.root), name_width, right=False)
        signs = [
            Cell(f"{CURSOR if cursor else ' '} "),
            Cell(f"{MARK if run.path in self._state.marked else ' '} ", "mark"),
        ]
        cells = [*signs, Cell(name)]
        line, content = self._reading.sparklines.get(run.path), self._reading.contents.get(run.path)
        for column in columns:
            cell = cell_of(column.name, run, line, content, now)
            cells += [Cell(" " * GAP), Cell(aligned(cell.text, column.width, right=column.right), cell.style)]
        return self._strip(cells, "", cursor=cursor)

    def _strip(self, cells: Sequence[Cell], style: str, *, cursor: bool) -> Strip:
        base = self.get_component_rich_style("run-table--cursor") if cursor else self.rich_style
        segments = [Segment(cell.text, base + self._style(cell.style or style)) for cell in cells]
        return Strip(segments).adjust_cell_length(self.size.width, base)

    def _style(self, name: str) -> Style:
        """Return the foreground of a component class; the background is that of the row."""
        known = "bad" if name in BAD else name
        if known not in STYLES:
            return Style()
        return self.get_component_rich_style(f"run-table--{known}", partial=True)
