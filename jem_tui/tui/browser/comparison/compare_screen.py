"""The screen that compares runs: settings that differ, last values, curves in common charts, and samples side by side."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, ScrollableContainer
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from jem_tui.printable import printable
from jem_tui.tui.browser.browser_choice import LeaveBrowser, OpenRuns
from jem_tui.tui.browser.comparison.comparison_reading import ComparisonReading, ReadComparison
from jem_tui.tui.help.explained_screen import ExplainedScreen
from jem_tui.tui.help.help_entry import HelpSection
from jem_tui.tui.help.help_pages import paragraphs
from jem_tui.tui.keys import bindings_of, export_bindings
from jem_tui.tui.keys.key import Key
from jem_tui.tui.panes.key_footer import KeyFooter
from jem_tui.tui.preferences.theme import MUTED

if TYPE_CHECKING:
    from jem_tui.tui.browser.comparison.comparison_plots import ComparisonPlots
    from jem_tui.tui.state.copied_text import Copied

TICK = 0.1
"""Seconds between two checks whether the logs are read."""
SIDE_BY_SIDE = 110
"""Minimum columns of a screen with tables and plots next to each other."""


class CompareScreen(ExplainedScreen, Screen[None], inherit_bindings=False):
    """Tables on the left, plots on the right; a narrow terminal shows one of both."""

    AUTO_FOCUS = "#compare-tables"
    KEYS_OF = "compare"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("compare"), *export_bindings()]

    def __init__(self, paths: Sequence[Path], *, alone: bool = False) -> None:
        """Compare the runs in some folders. `alone` marks the only screen of an app, which it leaves when it is closed."""
        super().__init__()
        self._alone = alone
        self._reading = ComparisonReading(paths)
        self._plots: ComparisonPlots | None = None
        self._found: ReadComparison | None = None
        self._room = -1
        """Columns for which the tables are drawn."""

    def compose(self) -> ComposeResult:
        yield Static(Content.assemble((" jem-tui ", "bold $primary"), (" comparison", MUTED)), id="compare-header")
        with Container(id="compare-body"), ScrollableContainer(id="compare-tables"):
            yield Static("reading the logs …", id="compare-text", markup=False)
        yield KeyFooter()

    def on_mount(self) -> None:
        self.set_interval(TICK, self.tick)
        self.call_after_refresh(self._start)

    async def _start(self) -> None:
        """Start to read, and add the plots after the first frame."""
        self._reading.start()
        from jem_tui.tui.browser.comparison.comparison_plots import ComparisonPlots

        body = self.query_one("#compare-body")
        if body.is_attached:
            self._plots = ComparisonPlots(id="compare-plots")
            await body.mount(self._plots)

    def tick(self) -> None:
        """Draw the comparison once it is read, and the plots again after a resize; without one, return to the browser."""
        found = self._reading.result
        if isinstance(found, str) and not self._alone and self.is_active:
            self.app.notify(printable(found), severity="error", markup=False)
            self.dismiss()
            return
        if found is not None:
            self._show_text(found)
        if isinstance(found, ReadComparison):
            if self._found is None:
                self._found = found
                self.refresh_bindings()
            if self._plots is not None and self._plots.is_mounted:
                self._plots.show(found)

    def _show_text(self, found: ReadComparison | str) -> None:
        """Write the tables, or the sentence in their place, for the current width of the screen."""
        from jem_tui.tui.browser.comparison.comparison_table import comparison_lines, sentence_lines

        room = self.query_one("#compare-tables").scrollable_content_region.width
        if room != self._room:
            self._room = room
            lines = sentence_lines(found, room) if isinstance(found, str) else comparison_lines(found, room)
            self.query_one("#compare-text", Static).update(Content("\n").join(lines))

    def on_resize(self, event: events.Resize) -> None:
        self.help_toggled()

    def help_toggled(self) -> None:
        """Show tables and curves next to each other, or one of both, in the columns that the help leaves."""
        self.set_class(self.content_columns >= SIDE_BY_SIDE, "-side")

    def display_help(self) -> Sequence[HelpSection]:
        """Return what the tables and the curves display."""
        from jem_tui.tui.browser.browser_help import COMPARISON

        return (paragraphs("the comparison", COMPARISON),)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Return whether an action works now; some need the logs of the runs."""
        return action not in ("copy", "replay") or self._found is not None

    def why_not(self, key: Key) -> str:
        """Return why a key that needs the logs does nothing now."""
        if isinstance(self._reading.result, str):
            return "the runs cannot be compared. The screen states the reason."
        return "the logs are still being read. Press the key again once the tables are displayed."

    def action_switch(self) -> None:
        """Show the curves in place of the tables on a narrow terminal, or the tables again."""
        self.toggle_class("-plots")

    def action_copy(self) -> None:
        """Copy the tables as Markdown."""
        if self._found is not None:
            self.app.copy_to_clipboard(self._found.markdown)
            self.notify("Copied the tables as Markdown.")

    def copied(self) -> Copied | None:
        """Return the folders of the runs, the settings that differ and the last values with all digits; None until they are read."""
        if self._found is None:
            return None
        from jem_tui.tui.browser.comparison.comparison_table import copied_rows
        from jem_tui.tui.state.copied_text import copied_table

        return copied_table("the comparison", copied_rows(self._found))

    def action_replay(self) -> None:
        """Leave the screen and replay the runs together."""
        if self._found is not None:
            self.app.exit(OpenRuns(self._found.paths))

    def action_close(self) -> None:
        """Close the comparison, and leave the app of which it is the only screen."""
        if self._alone:
            self.app.exit(LeaveBrowser())
        else:
            self.dismiss()
