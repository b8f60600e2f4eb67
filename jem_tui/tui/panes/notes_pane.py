"""The notes of the run, the newest at the bottom."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from textwrap import wrap
from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.binding import BindingType
from textual.containers import Container
from textual.content import Content
from textual.widgets import Static

from jem_tui.events.run import Note
from jem_tui.tui.keys import bindings_of
from jem_tui.tui.preferences.theme import FAINT, MUTED
from jem_tui.tui.repaint.changed_content import show_content
from jem_tui.tui.repaint.containment import contain_failures
from jem_tui.tui.state import text_formats
from jem_tui.tui.state.note_signs import SIGNS
from jem_tui.tui.state.run_state import RunView

FEW_ROWS = 2
"""Rows that each note gets before any note gets more."""
MOST_WORDS = 4
"""Length of the text that is wrapped, as a multiple of the characters that fit."""


@contain_failures
class NoteList(Static):
    """As many notes as fit, with clock, step and text; a note has more than `FEW_ROWS` rows only if rows are left."""

    can_focus = True
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("notes")]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)
        self.back = 0
        """Number of newer notes that are scrolled out of the pane."""
        self._run: RunView | None = None

    def stamp(self, run: RunView) -> Hashable:
        """Return a value that differs when the list differs."""
        return (len(run.notes), self.back, self.size)

    def draw(self, run: RunView) -> None:
        """Draw the notes of `run` if the content differs from what is displayed."""
        self._run = run
        width, height = self.size
        if not width or not height:
            return
        self.back = min(self.back, max(0, len(run.notes) - 1))
        latest = run.notes[: len(run.notes) - self.back][-height:]
        steps = [note.images if run.foreign else note.step for note in latest]
        columns = max((len(text_formats.count(step)) for step in steps), default=1)
        heads = [
            f"{text_formats.clock(note.time)}  {text_formats.count(step):>{columns}}  "
            for note, step in zip(latest, steps, strict=True)
        ]
        wanted = [len(_rows(head, note, width, height)) for head, note in zip(heads, latest, strict=True)]
        given = shared_rows(wanted, height)
        shown = [(head, note, most) for head, note, most in zip(heads, latest, given, strict=True) if most]
        content = Content("\n").join(row for head, note, most in shown for row in _rows(head, note, width, most))
        if not latest:
            content = Content.styled("no notes yet", FAINT)
        show_content(self, content)

    def action_scroll(self, notes: int) -> None:
        """Scroll to older notes, or to newer ones if `notes` is negative."""
        self.back = max(0, self.back + notes)
        if self._run is not None:
            self.draw(self._run)

    def action_newest(self) -> None:
        """Follow the newest note again."""
        self.action_scroll(-self.back)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.action_scroll(1)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.action_scroll(-1)


class NotesPane(Container):
    """The list of notes in a frame."""

    def __init__(self, log: NoteList, *, id: str | None = None) -> None:
        super().__init__(log, id=id)
        self.border_title = "notes"


def shared_rows(wanted: Sequence[int], room: int) -> list[int]:
    """Divide `room` rows among notes (the newest last): first `FEW_ROWS` each, then all that are wanted, from the newest back."""
    given = [0 for _ in wanted]
    for most in (FEW_ROWS, room):
        for note in reversed(range(len(wanted))):
            left = room - sum(given)
            given[note] = max(given[note], min(wanted[note], most, given[note] + left))
    return given


def _rows(head: str, note: Note, width: int, most: int) -> list[Content]:
    """Return a note on at most `most` rows; rows after the first are indented."""
    sign, tone, *_ = SIGNS.get(note.kind, SIGNS["info"])
    indent = len(head) + 2
    first, *others = _wrapped(note.text, max(8, width - indent), most)
    rows = [
        Content.assemble((head, MUTED), (sign, f"bold {tone}"), " ", first),
        *(Content(" " * indent + other) for other in others),
    ]
    return [row.truncate(width) for row in rows]


def _wrapped(text: str, columns: int, most: int) -> list[str]:
    """Wrap a text at its words into one to `most` rows of at most `columns` columns."""
    shown = " ".join(text[: MOST_WORDS * columns * most].split())
    wide = cell_len(shown) > len(shown)
    return wrap(shown, columns // 2 if wide else columns, max_lines=most, placeholder=" …") or [""]
