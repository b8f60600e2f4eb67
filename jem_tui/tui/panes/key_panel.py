"""A panel over the panes that lists the keys that work now, until the next key."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual.content import Content
from textual.widgets import Static

from jem_tui.tui.keys.key import Key
from jem_tui.tui.keys.remap import keyboard_of

ROOM_FOR_LABELS = 100
"""Minimum width of a terminal with labels instead of words, in columns."""
LABEL_COLUMNS, WORD_COLUMNS, KEY_COLUMNS = 23, 13, 6
ROWS_AROUND = 8
"""Rows of the screen that the panel leaves free, with its border."""


class KeyPanel(Static):
    """Keys in columns, each with its label; hidden until `open`."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    KeyPanel {
        display: none;
        layer: over;
        dock: bottom;
        margin-bottom: 1;
        height: auto;
        padding: 0 1;
        background: $surface;
        border: round $primary;
        border-title-color: $foreground;
        border-subtitle-color: $text-muted;
    }
    """

    def open(self, keys: Sequence[Key], pane: str) -> None:
        """List `keys` in their order; `pane` names the focused pane, or is empty."""
        width, height = self.app.size
        self.border_title = f"keys of the {pane}, then all others" if pane else "keys that work now"
        self.border_subtitle = keyboard_of(self.app).fill("{help} all keys · the next key closes this list")
        self.update(Content("\n").join(key_columns(keys, width - 4, max(1, height - ROWS_AROUND))))
        self.display = True

    def close(self) -> None:
        """Hide the panel."""
        self.display = False


def key_columns(keys: Sequence[Key], width: int, most_rows: int) -> list[Content]:
    """Return rows of keys in columns of equal width, read from top to bottom; keys beyond `most_rows` are left out."""
    full = width >= ROOM_FOR_LABELS
    column = KEY_COLUMNS + (LABEL_COLUMNS if full else WORD_COLUMNS)
    # The last column needs no space after its words
    count = max(1, (width + 1) // column)
    rows = min(most_rows, -(-len(keys) // count))
    shown = keys[: rows * count]
    return [
        Content.assemble(*[_cell(key, column, full) for key in shown[row::rows]]).rstrip()
        for row in range(min(rows, len(shown)))
    ]


def _cell(key: Key, column: int, full: bool) -> Content:
    glyph = key.written.partition(" ")[0]
    label = key.label if full else key.word
    padding = " " * max(1, column - KEY_COLUMNS - cell_len(label))
    return Content.assemble((f"{glyph:<{KEY_COLUMNS - 1}} ", "bold $text-accent"), label, padding)
