"""What a person must read of a training: the figures of its data at any size, and grave notes where their pane is hidden."""

from __future__ import annotations

from time import time

from textual.notifications import SeverityLevel
from textual.widget import Widget

from jem_tui.events.run import Note, NoteKind
from jem_tui.tui.state.run_state import RunView

SECONDS = 10.0
"""How long a note is shown, and how old it is at most when it appears."""
MOST = 4
"""Notes that are shown at a time, the first ones."""
GRAVE: dict[NoteKind, SeverityLevel] = {
    "warning": "warning",
    "rewind": "warning",
    "divergence": "error",
    "outage": "error",
}


class NoteToasts:
    """Shows new notes over the other panes for some seconds, each once."""

    def __init__(self, pane: Widget) -> None:
        self._pane = pane
        self._seen = 0

    def show(self, run: RunView, *, hidden: bool) -> None:
        """Show what was noted since the last call; `hidden` says that the pane of notes is not on the screen."""
        fresh, self._seen = run.notes[min(self._seen, len(run.notes)) :], len(run.notes)
        recent = [note for note in fresh if note.time >= time() - SECONDS]
        for note in [note for note in recent if _begins(note) or (hidden and note.kind in GRAVE)][:MOST]:
            severity = GRAVE.get(note.kind, "information")
            self._pane.app.notify(note.text, severity=severity, timeout=SECONDS, markup=False)


def _begins(note: Note) -> bool:
    """Return whether a note is of the figures of the data, or a warning of them."""
    return not note.step and note.kind in ("info", "warning")
