"""The latest notes of the run, the newest at the bottom."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.binding import BindingType
from textual.containers import Container
from textual.content import Content
from textual.widgets import Static

from jem_tui.events.run import Note, NoteKind
from jem_tui.tui.keys import bindings_of
from jem_tui.tui.preferences.theme import FAINT, MUTED
from jem_tui.tui.repaint.containment import contain_failures
from jem_tui.tui.state import text_formats
from jem_tui.tui.state.run_state import RunView

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
    "outage": ("!", "$text-error"),
    "recorded": ("·", "$text-success"),
    "end": ("|", "$text-primary"),
}
"""A sign and a colour for every kind of note."""
FEW_ROWS = 2
"""Rows that one note gets while older notes want the others."""
MOST_WORDS = 4
"""Multiple of the characters in a note's rows that is searched for words."""


@contain_failures
class NoteList(Static):
    """As many notes as there is room for: clock, step, and text, on more than two rows only where rows are left."""

    can_focus = True
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("notes")]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)
        self.back = 0
        """Notes that were left out at the end, to look at older ones."""
        self._run: RunView | None = None

    def show(self, run: RunView) -> None:
        """Draw anew if anything that is shown has changed."""
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
            content = Content.styled("nothing to note yet", FAINT)
        if content != self.content:
            self.update(content, layout=False)

    def action_scroll(self, notes: int) -> None:
        """Go back by so many notes, or ahead if negative."""
        self.back = max(0, self.back + notes)
        if self._run is not None:
            self.show(self._run)

    def action_newest(self) -> None:
        """Stay at the end again."""
        self.action_scroll(-self.back)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.action_scroll(1)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.action_scroll(-1)


class NotesPane(Container):
    """The notes in their frame."""

    def __init__(self, log: NoteList, *, id: str | None = None) -> None:
        super().__init__(log, id=id)
        self.border_title = "notes"


def shared_rows(wanted: Sequence[int], room: int) -> list[int]:
    """Share `room` rows among notes, the newest last: a few for each from the newest back, then what is left likewise."""
    given = [0 for _ in wanted]
    for most in (FEW_ROWS, room):
        for note in reversed(range(len(wanted))):
            left = room - sum(given)
            given[note] = max(given[note], min(wanted[note], most, given[note] + left))
    return given


def _rows(head: str, note: Note, width: int, most: int) -> list[Content]:
    """A note on at most `most` rows, those after the first indented."""
    sign, tone = SIGNS.get(note.kind, SIGNS["info"])
    indent = len(head) + 2
    first, *others = _wrapped(note.text, max(8, width - indent), most)
    rows = [
        Content.assemble((head, MUTED), (sign, f"bold {tone}"), " ", first),
        *(Content(" " * indent + other) for other in others),
    ]
    return [row.truncate(width) for row in rows]


def _wrapped(text: str, columns: int, most: int) -> list[str]:
    """Split a text into at most `most` rows of so many columns, by its words; at least one row."""
    shown = " ".join(text[: MOST_WORDS * columns * most].split())
    wide = cell_len(shown) > len(shown)
    return wrap(shown, columns // 2 if wide else columns, max_lines=most, placeholder=" …") or [""]
