"""The screen of the browser."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Input, Static

from jem_tui.printable import printable
from jem_tui.tui.browser.browser_help import NO_RUNS
from jem_tui.tui.browser.browser_state import BrowserState
from jem_tui.tui.browser.run_actions import RunActions
from jem_tui.tui.browser.run_table import RunTable
from jem_tui.tui.help.explained_screen import ExplainedScreen
from jem_tui.tui.help.help_entry import HelpSection
from jem_tui.tui.help.help_pages import paragraphs
from jem_tui.tui.keys import bindings_of, export_bindings
from jem_tui.tui.keys.key import Key
from jem_tui.tui.keys.remap import keyboard_of
from jem_tui.tui.panes.key_footer import KeyFooter
from jem_tui.tui.preferences.theme import MUTED

if TYPE_CHECKING:
    from jem_tui.tui.browser.preview_pane import PreviewPane
    from jem_tui.tui.state.copied_text import Copied

TICK = 0.2
"""Seconds between two checks for what the thread has read."""
AGES = 5.0
"""Seconds after which the elapsed times are drawn again."""
SIDE_BY_SIDE, ROOM_BELOW = 120, 24
"""Minimum columns for a preview next to the table, and minimum rows for one below it."""


class BrowserFilter(Input):
    """Input of words that a run must contain; escape clears it."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("filter")]

    def action_clear(self) -> None:
        """Clear the filter and return to the table."""
        self.value = ""
        self.post_message(self.Submitted(self, ""))


class BrowserScreen(ExplainedScreen, Screen[None], inherit_bindings=False):
    """Header, table, preview, filter and footer."""

    AUTO_FOCUS = "#run-table"
    KEYS_OF = "browser"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("browser"), *export_bindings()]

    def __init__(self, state: BrowserState) -> None:
        super().__init__()
        self._state = state
        self._list, self._reading = state.list, state.reading
        self._table = RunTable(state.list, state.reading, id="run-table")
        self._actions = RunActions(self, state)
        self._preview: PreviewPane | None = None
        self._drawn = -1

    def compose(self) -> ComposeResult:
        yield Static(id="browser-header")
        with Container(id="browser-body"):
            yield self._table
            yield Static("", id="browser-empty", markup=False)
        yield BrowserFilter(
            self._list.filter_text,
            placeholder="filter by name, state, data, tag or note",
            compact=True,
            id="browser-filter",
        )
        yield KeyFooter()

    def on_mount(self) -> None:
        self.query_one(BrowserFilter).display = bool(self._list.filter_text)
        self.set_interval(TICK, self.tick)
        self.set_interval(AGES, self._table.refresh)
        self.call_after_refresh(self._add_preview)

    async def _add_preview(self) -> None:
        """Add the preview after the first frame, which numpy would delay."""
        from jem_tui.tui.browser.preview_pane import PreviewPane

        body = self.query_one("#browser-body")
        if not body.is_attached:
            return
        self._preview = PreviewPane(id="browser-preview")
        await body.mount(self._preview)
        self._arrange()
        self._show_preview()

    def tick(self) -> None:
        """Draw what the thread has read since the last check."""
        if self._reading.version != self._drawn:
            self._drawn = self._reading.version
            self.update_list()
        self._reading.want(self._list.selected if self._state.preview else None, self._table.visible_paths)
        self._show_preview()

    def update_list(self) -> None:
        """Draw the list after a change of the runs, the filter or the order."""
        self._list.update(self._reading.runs)
        empty = self._reading.searched and not self._list.runs
        text = NO_RUNS.format(folder=printable(str(self._state.root.absolute())))
        self.query_one("#browser-empty", Static).update("No run matches the filter." if self._reading.runs else text)
        self.set_class(empty, "-empty")
        self._table.show()
        self._show_header()
        self.refresh_bindings()

    def on_resize(self, event: events.Resize) -> None:
        self._arrange()
        self._show_header()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Return whether an action works now; keys of other actions are hidden."""
        return action not in ("run", "mark", "compare") or self._list.run is not None

    def why_not(self, key: Key) -> str:
        """Return why a key that needs a run does nothing now."""
        if not self._reading.searched:
            return "the search for runs is not complete yet. Press the key again once runs are listed."
        if self._reading.runs:
            return "no run matches the filter. Press {browser-clear} to clear it."
        return "there is no run in this folder. Open another folder with jem-tui browse FOLDER, or start a run with jem-tui train."

    def display_help(self) -> Sequence[HelpSection]:
        """Return what the table of runs displays."""
        from jem_tui.tui.browser.browser_help import BROWSER

        return (paragraphs("the table", BROWSER),)

    def help_toggled(self) -> None:
        """Arrange table and preview in the columns that the help leaves."""
        self._arrange()

    def on_run_table_selected(self) -> None:
        self._show_preview()

    def on_run_table_opened(self) -> None:
        self.action_run("open")

    def on_input_changed(self, event: Input.Changed) -> None:
        self._list.filter_text = event.value
        self.update_list()

    def on_input_submitted(self) -> None:
        self.query_one(BrowserFilter).display = bool(self._list.filter_text)
        self.set_focus(self._table)

    def action_move(self, rows: int) -> None:
        """Select the run some rows below."""
        self._table.move(rows)

    def action_page(self, pages: int) -> None:
        """Select a run some pages below."""
        self._table.move(pages * self._table.page)

    def action_run(self, name: str) -> None:
        """Carry out an action of `RunActions` on the selected run."""
        if (run := self._list.run) is not None:
            getattr(self._actions, name)(run)

    def copied(self) -> Copied | None:
        """Return the runs of the table in their order, with their folders."""
        from jem_tui.tui.browser.run_columns import copied_rows
        from jem_tui.tui.state.copied_text import copied_table

        return copied_table("the table of runs", copied_rows(self._list.runs, self._reading.contents))

    def action_mark(self) -> None:
        """Mark the selected run, or remove its mark, and move to the next run."""
        self._list.toggle_mark()
        self._table.move(1)
        self._show_header()

    def action_compare(self) -> None:
        """Compare the marked runs, or a single marked run with the selected one."""
        marked, selected = self._list.marked, self._list.selected
        single = [selected] if selected is not None and len(marked) < 2 else []
        chosen = tuple(dict.fromkeys([*marked, *single]))
        if len(chosen) > 1:
            self._actions.compare(chosen)
        else:
            sentence = "Mark a second run with {browser-mark}, then press {browser-compare}."
            self.notify(keyboard_of(self.app).fill(sentence), severity="warning")

    def action_filter(self) -> None:
        """Show the input of the filter, and focus it."""
        words = self.query_one(BrowserFilter)
        words.display = True
        words.focus()

    def action_clear(self) -> None:
        """Clear the filter, or without one all marks."""
        words = self.query_one(BrowserFilter)
        if words.value:
            words.action_clear()
        else:
            self._list.marked.clear()
            self.update_list()

    def action_sort(self) -> None:
        """Switch to the next order."""
        self._list.next_order()
        self.update_list()

    def action_toggle_preview(self) -> None:
        """Show or hide the preview."""
        self._state.preview = not self._state.preview
        self._arrange()

    def _arrange(self) -> None:
        """Arrange table and preview for the size of the terminal."""
        width, height = self.content_columns, self.app.size.height
        side_by_side = width >= SIDE_BY_SIDE
        shown = self._state.preview and (side_by_side or height >= ROOM_BELOW)
        self.set_class(side_by_side, "-side")
        self.set_class(not shown, "-no-preview")
        self.call_after_refresh(self._table.show)

    def _show_preview(self) -> None:
        run = self._list.run
        if self._preview is not None and self._preview.is_mounted and self._state.preview:
            self._preview.show(run, self._reading.previews.get(run.path) if run is not None else None)

    def _show_header(self) -> None:
        runs, marked = self._reading.runs, len(self._list.marked)
        live = sum(run.found.state == "running" for run in runs)
        every = f"{len(runs):,} run{'' if len(runs) == 1 else 's'}"
        shown = f"{len(self._list.runs):,} of {every}" if self._list.filter_text else every
        parts = [shown, *([f"{live} live"] if live else []), *([f"{marked} marked"] if marked else [])]
        parts.append(f"order: {self._list.order}")
        text = " · ".join(parts) if self._reading.searched else "searching for runs …"
        name = printable(str(self._state.root if self._state.root != Path() else Path.cwd().name))
        head = Content.assemble((" jem-tui ", "bold $text-primary"), (f" {name} ", "bold"), (f" {text}", MUTED))
        if self._reading.problem:
            head = Content.assemble(head, (f"  {printable(self._reading.problem)}", "$text-warning"))
        self.query_one("#browser-header", Static).update(head)
