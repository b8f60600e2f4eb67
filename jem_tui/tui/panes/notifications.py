"""Notes as toasts over the panes: the report on the data always, severe notes while the notes pane is hidden."""

from __future__ import annotations

from collections.abc import Hashable
from time import time

from textual.notifications import SeverityLevel
from textual.widget import Widget

from jem_tui.events.run import Note, NoteKind
from jem_tui.tui.repaint.scheduler import is_on_screen
from jem_tui.tui.state.run_state import RunView

SECONDS = 10.0
"""Seconds that a toast stays, and maximum age of the note of a new toast."""
MOST = 4
"""Maximum number of toasts that one repaint adds; later notes are in the notes pane only."""
SEVERITIES: dict[NoteKind, SeverityLevel] = {
    "warning": "warning",
    "rewind": "warning",
    "divergence": "error",
    "outage": "error",
}


class NoteToasts:
    """Shows each new note that must be read as a toast, once."""

    def __init__(self, pane: Widget, since: float = 0.0) -> None:
        """Prepare toasts of the notes from the Unix time `since` on; earlier ones are the past of a run that was attached to."""
        self._pane = pane
        self._since = since
        self._seen = 0

    def stamp(self, run: RunView) -> Hashable:
        """Return a value that differs when there are new notes."""
        return len(run.notes)

    def draw(self, run: RunView) -> None:
        """Show new notes; other notes than the report on the data only if they are severe and the notes pane is hidden."""
        self.show(run, hidden=not is_on_screen(self._pane))

    def show(self, run: RunView, *, hidden: bool) -> None:
        """Show the notes since the last call; `hidden` means that the notes pane is not on the screen."""
        fresh, self._seen = run.notes[min(self._seen, len(run.notes)) :], len(run.notes)
        recent = [note for note in fresh if note.time >= max(self._since, time() - SECONDS)]
        for note in [note for note in recent if _is_of_data(note) or (hidden and note.kind in SEVERITIES)][:MOST]:
            severity = SEVERITIES.get(note.kind, "information")
            self._pane.app.notify(note.text, severity=severity, timeout=SECONDS, markup=False)


def _is_of_data(note: Note) -> bool:
    """Return whether a note reports figures of the data or a problem of the data."""
    return not note.step and note.kind in ("info", "warning")
