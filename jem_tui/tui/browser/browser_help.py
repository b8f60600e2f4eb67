"""The help of the browser: its keys, and the columns of its table."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from jem_tui.tui.keys import bindings_of
from jem_tui.tui.keys.browser_keys import KEYS
from jem_tui.tui.keys.key import Key
from jem_tui.tui.keys.remap import keyboard_of
from jem_tui.tui.supervision.steady_screen import SteadyScreen

KEY_WIDTH, TEXT_WIDTH = 10, 46
"""Columns of the keys, and maximum columns of their sentences."""
FRAME = 12
"""Columns of a narrow terminal that hold no text: around the dialog, its border, padding, scroll bar and the gap after the keys."""
COLUMNS = (
    "The table shows the runs below the folder, the live ones first. The curve of a run is its accuracy on held-out images where the log "
    "has one, else its main metric. Accuracy is the newest score of an evaluation on held-out images.",
    "Tags and notes are kept in labels.json in the run folder. A deleted run is moved to .trash next to the runs, unless its name is typed "
    "to delete it for good. A live run is never changed.",
)


class BrowserHelp(SteadyScreen, ModalScreen[None]):
    """A dialog with the keys of the browser."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("output")]

    def action_close(self) -> None:
        """Close the help."""
        self.dismiss()

    def compose(self) -> ComposeResult:
        width = max(20, min(TEXT_WIDTH, self.app.size.width - KEY_WIDTH - FRAME))
        panel = VerticalScroll(id="help", classes="dialog")
        panel.border_title, panel.border_subtitle = "Runs", keyboard_of(self.app).fill("{output-close} close")
        with panel:
            yield Static(Content("\n").join(row for key in KEYS for row in _rows(key, width)))
            for paragraph in COLUMNS:
                yield Static(paragraph, classes="help-seen", markup=False)


def _rows(key: Key, width: int) -> Iterator[Content]:
    """Yield the rows of a key, with its sentence wrapped in the second column."""
    for number, line in enumerate(wrap(key.tooltip, width)):
        yield Content.assemble((f"{'' if number else key.written:{KEY_WIDTH}} ", "bold $text-accent"), line)
