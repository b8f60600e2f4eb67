"""The latest notes of the run, the newest at the bottom."""

from __future__ import annotations

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
    "reseed": ("~", "$text-secondary"),
    "epoch": ("=", "$text-primary"),
    "evaluation": ("%", "$text-accent"),
}
"""A sign and a colour for every kind of note."""


class NotesLog(Static):
    """As many notes as there are rows, each on one line: clock, step, text."""

    def show(self, run: Run) -> None:
        """Draw anew if anything that is shown has changed."""
        width, height = self.size
        if not width or not height:
            return
        latest = run.notes[-height:]
        columns = max((len(formats.count(note.step)) for note in latest), default=1)
        content = Content("\n").join([_line(note, columns, width) for note in latest])
        if not latest:
            content = Content.styled("nothing to note yet", FAINT)
        if content != self.content:
            self.update(content, layout=False)


def _line(note: Note, columns: int, width: int) -> Content:
    sign, tone = SIGNS[note.kind]
    head = f"{formats.clock(note.time)}  {formats.count(note.step):>{columns}}  "
    text = " ".join(note.text.split())
    room = max(0, width - len(head) - 2)
    shown = text if len(text) <= room else text[: max(0, room - 1)] + "…"
    return Content.assemble((head, MUTED), (sign, f"bold {tone}"), " ", shown)
