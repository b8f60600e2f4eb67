"""List of the runs of a replay, one row each in the colour of the run."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from jem_tui.events.run import ACCURACY, TOTAL
from jem_tui.raster.plot.scales.value_texts import percent_text, value_text
from jem_tui.tui.keys import bindings_of
from jem_tui.tui.preferences.theme import FAINT, MUTED
from jem_tui.tui.repaint.changed_content import show_content
from jem_tui.tui.repaint.containment import contain_failures
from jem_tui.tui.state import text_formats
from jem_tui.tui.state.comparison import ComparedRun, RunComparison

SHOWN, HIDDEN, LEADS = "●", "○", "◆"
VALUE = 9
"""Columns of a number."""
MIN_NAME = 8
"""Minimum columns of a name."""


@contain_failures
class RunList(Static, can_focus=True):
    """List with a row for each run: whether it is displayed, its name, its step, and its newest loss and accuracy."""

    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("runs")]

    class SelectionChanged(Message):
        """The set of displayed runs has changed."""

    class FilterRequested(Message):
        """The user has requested the filter."""

    def __init__(self, comparison: RunComparison, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)
        self._comparison = comparison
        self._cursor = 0

    def show(self) -> None:
        """Update the list if its content has changed."""
        listed = self._comparison.listed
        width = self.size.width
        if not listed or not width:
            return
        self._cursor = min(self._cursor, len(listed) - 1)
        columns = max(len(text_formats.count(compared.run.step)) for compared in listed)
        rows = [self._row(compared, number, width, columns) for number, compared in enumerate(listed)]
        content = Content("\n").join(rows)
        show_content(self, content)

    def action_choose(self, rows: int) -> None:
        """Move the cursor by rows, cyclically."""
        self._cursor = (self._cursor + rows) % max(1, len(self._comparison.listed))
        self.show()

    def action_show_or_hide(self) -> None:
        """Show or hide the run at the cursor."""
        self._change(self._comparison.toggle)

    def action_show_only(self) -> None:
        """Show only the run at the cursor and the leading run, or all runs again."""
        self._change(self._comparison.only)

    def action_filter_names(self) -> None:
        """Request the filter of run names."""
        self.post_message(self.FilterRequested())

    def on_click(self, event: events.Click) -> None:
        if 0 <= event.y < len(self._comparison.listed):
            self._cursor = event.y
            self.action_show_or_hide()

    def watch_has_focus(self, has_focus: bool) -> None:
        super().watch_has_focus(has_focus)
        self.show()

    def _change(self, change: Callable[[str], None]) -> None:
        listed = self._comparison.listed
        if self._cursor < len(listed):
            change(listed[self._cursor].name)
            self.show()
            self.post_message(self.SelectionChanged())

    def _row(self, compared: ComparedRun, number: int, width: int, columns: int) -> Content:
        sign = LEADS if compared.leads else SHOWN if compared.shown else HIDDEN
        numbers = f" {text_formats.count(compared.run.step):>{columns}}{_newest(compared)}"
        if width - len(numbers) - 3 < MIN_NAME:
            numbers = f" {text_formats.count(compared.run.step):>{columns}}"
        name = text_formats.fitted(compared.name, max(1, width - len(numbers) - 3))
        row = Content.assemble(
            (f"{sign} ", compared.colour),
            (name, "$foreground" if compared.shown else FAINT),
            (numbers, MUTED if compared.shown else FAINT),
        )
        return row.stylize("on $primary 25%") if self.has_focus and number == self._cursor else row


def _newest(compared: ComparedRun) -> str:
    """Format the newest loss and accuracy in columns of fixed width."""
    loss, accuracy = (compared.run.metrics.get(tag) for tag in (TOTAL, ACCURACY))
    values = ["" if loss is None else value_text(loss), "" if accuracy is None else percent_text(accuracy)]
    return "".join(f"{value:>{VALUE}}" for value in values)


class RunFilter(Input):
    """Input of words that the names of runs must contain; Escape clears it."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("filter")]

    def action_clear(self) -> None:
        """Clear the filter, hide the input and return to the list."""
        self.value = ""
        self.post_message(self.Submitted(self, ""))


@contain_failures
class RunsPane(Container):
    """Pane with the list of runs, and with the filter below while it is open or not empty."""

    def __init__(self, comparison: RunComparison, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._comparison = comparison
        self.list = RunList(comparison, id="run-list")
        self.filter = RunFilter(placeholder="filter by name", compact=True, id="run-filter")

    def compose(self) -> ComposeResult:
        yield self.list
        yield self.filter

    def on_mount(self) -> None:
        self.filter.display = False

    def show(self) -> None:
        """Draw the list, and write the numbers of all and of displayed runs on the border."""
        compared_runs = self._comparison.compared_runs
        shown = sum(compared.shown for compared in compared_runs)
        self.border_title = f"runs · {shown} of {len(compared_runs)} shown"
        self.list.show()

    def on_run_list_filter_requested(self) -> None:
        self.filter.display = True
        self.filter.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        self._comparison.filter_text = event.value
        self.show()
        self.post_message(RunList.SelectionChanged())

    def on_input_submitted(self) -> None:
        self.filter.display = bool(self.filter.value)
        self.list.focus()
