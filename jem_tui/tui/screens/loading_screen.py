"""The first screen, which reports what is loading."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from jem_tui.tui.keys import KEYS, QUIT, bindings
from jem_tui.tui.panes.console_pane import newest_rows
from jem_tui.tui.preferences.theme import MUTED
from jem_tui.tui.repaint.changed_content import show_content
from jem_tui.tui.state import text_formats
from jem_tui.tui.supervision.steady_screen import SteadyScreen

if TYPE_CHECKING:
    from jem_tui.events.run import Loading
    from jem_tui.tui.state.console_text import ConsoleText

BAR_WIDTH = 40
MOST_OUTPUT = 12
"""Number of rows with the output of a script."""


class LoadingScreen(SteadyScreen, Screen[None]):
    """A screen that is painted before numpy and torch are imported; its text does not change while an import blocks it."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings([QUIT, *(key for key in KEYS if key.id == "draw")])]

    def __init__(self, label: str, run_dir: str) -> None:
        super().__init__()
        self._label = label
        self._run_dir = run_dir

    def compose(self) -> ComposeResult:
        with Vertical(id="loading"):
            yield Static("jem-tui", id="loading-name")
            yield Static(self._label, id="loading-label", markup=False)
            yield Static("starting", id="loading-text", markup=False)
            yield Static("", id="loading-bar")
            yield Static(text_formats.shorten(self._run_dir, 56), id="loading-dir", markup=False)
            yield Static(Content.assemble(("q", "bold $text-accent"), (" quit", MUTED)), id="loading-keys")
        yield Static("", id="loading-output", markup=False)

    def show(self, loading: Loading | None, pending: str) -> None:
        """Display what is loading, with a bar if its fraction is known; or the `pending` command instead."""
        text = f"{pending.lower()} …" if pending else loading.text if loading is not None else "starting"
        self.query_one("#loading-keys").visible = not pending
        fraction = None if loading is None or pending else loading.fraction
        show_content(self.query_one("#loading-text", Static), Content(text), layout=True)
        show_content(self.query_one("#loading-bar", Static), _bar(fraction), layout=True)

    def show_output(self, console: ConsoleText) -> None:
        """Display the newest output of a script, if there is any."""
        widget = self.query_one("#loading-output", Static)
        widget.set_class(bool(console), "-filled")
        width, height = self.size
        rows = min(MOST_OUTPUT, height - self.query_one("#loading").size.height - 2)
        if console and rows > 0:
            show_content(widget, Content("\n").join(newest_rows(console, width - 4, rows)), layout=True)


def _bar(fraction: float | None) -> Content:
    if fraction is None:
        return Content("")
    done = round(min(1.0, max(0.0, fraction)) * BAR_WIDTH)
    return Content.assemble(
        ("━" * done, "$primary"), ("─" * (BAR_WIDTH - done), "$foreground 20%"), f" {fraction:4.0%}"
    )
