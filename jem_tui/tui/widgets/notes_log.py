"""The latest notes of the run, the newest at the bottom."""

from __future__ import annotations

from textwrap import wrap

from textual.content import Content
from textual.widgets import Static

from jem_tui.events import Note, NoteKind
from jem_tui.tui import formats
from jem_tui.tui.state import Run
from jem_tui.tui.theme import FAINT, MUTED

SIGNS: dict[NoteKind, tuple[str, str]] = {
    "info": ("·", MUTED),
    "warning": ("!", "$text-warning"),
    "checkpoint": ("+", "$text-success"),
    "divergence": ("x", "$text-error"),
    "rewind": ("<", "$text-warning"),
    "reseed": ("~", "$text-secondary"),
    "epoch": ("=", "$text-primary"),
    "evaluation": ("%", "$text-accent"),
    "adjust": ("*", "$text-accent"),
    "end": ("|", "$text-primary"),
}
"""A sign and a colour for every kind of note."""
MOST_ROWS = 2
"""Rows that one note gets."""


class NotesLog(Static):
    """As many notes as there is room for: clock, step, and text on a second row if it is long."""

    def show(self, run: Run) -> None:
        """Draw anew if anything that is shown has changed."""
        width, height = self.size
        if not width or not height:
            return
        latest = run.notes[-height:]
        columns = max((len(formats.count(note.step)) for note in latest), default=1)
        rows: list[Content] = []
        for note in reversed(latest):
            rows[:0] = _rows(note, columns, width, min(MOST_ROWS, height - len(rows)))
            if len(rows) >= height:
                break
        content = Content("\n").join(rows)
        if not latest:
            content = Content.styled("nothing to note yet", FAINT)
        if content != self.content:
            self.update(content, layout=False)


def _rows(note: Note, columns: int, width: int, most: int) -> list[Content]:
    """A note on at most `most` rows, those after the first indented."""
    sign, tone = SIGNS[note.kind]
    head = f"{formats.clock(note.time)}  {formats.count(note.step):>{columns}}  "
    indent = len(head) + 2
    first, *others = wrap(" ".join(note.text.split()), max(8, width - indent), max_lines=most, placeholder=" …") or [""]
    return [
        Content.assemble((head, MUTED), (sign, f"bold {tone}"), " ", first),
        *(Content(" " * indent + other) for other in others),
    ]
