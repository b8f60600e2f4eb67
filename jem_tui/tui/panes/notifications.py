"""Notes as toasts over the panes: warnings on the data always, other important notes while the notes pane is hidden."""

from __future__ import annotations

from collections.abc import Hashable
from time import time

from textual.notifications import Notification, Notify, SeverityLevel
from textual.widget import Widget

from jem_tui.events.run import Note, NoteKind
from jem_tui.tui.repaint.scheduler import is_on_screen
from jem_tui.tui.state.run_state import RunView

SECONDS = 10.0
"""Seconds that a toast of a severe note stays, and maximum age of the note of a new toast."""
BRIEF: dict[NoteKind, float] = {"info": 4.0, "adjust": 3.0, "reseed": 3.0}
"""Seconds that a toast of another note stays, by its kind."""
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
        self._latest: dict[tuple[NoteKind, str], Notification] = {}
        """The newest toast on a changed setting or on restarted chains, by kind and first word of its note."""

    def stamp(self, run: RunView) -> Hashable:
        """Return a value that differs when there are new notes."""
        return len(run.notes)

    def draw(self, run: RunView) -> None:
        """Show new notes that must be read; those other than warnings on the data only while the notes pane is hidden."""
        self.show(run, hidden=not is_on_screen(self._pane))

    def show(self, run: RunView, *, hidden: bool) -> None:
        """Show the notes since the last call; `hidden` means that the notes pane is not on the screen."""
        fresh, self._seen = run.notes[min(self._seen, len(run.notes)) :], len(run.notes)
        recent = [note for note in fresh if note.time >= max(self._since, time() - SECONDS)]
        for note in [note for note in recent if _must_be_read(note, hidden)][:MOST]:
            severity, seconds = SEVERITIES.get(note.kind, "information"), BRIEF.get(note.kind, SECONDS)
            notification = Notification(note.text, severity=severity, timeout=seconds)
            if note.kind in ("adjust", "reseed"):
                self._end_earlier(note, notification)
            self._pane.app.post_message(Notify(notification))

    def _end_earlier(self, note: Note, notification: Notification) -> None:
        """End the toast on an earlier change of the same setting, so that a key that is held does not fill the screen.

        The app removes toasts whose time is over when it shows the next one.
        """
        subject = note.kind, note.text.partition(" ")[0]
        if subject in self._latest:
            self._latest[subject].timeout = 0.0
        self._latest[subject] = notification


def _must_be_read(note: Note, hidden: bool) -> bool:
    """Return whether a note becomes a toast; `hidden` means that the notes pane is not on the screen."""
    of_data = not note.step and note.kind in ("info", "warning")
    return (of_data and note.kind == "warning") or (
        hidden and (of_data or note.kind in (*SEVERITIES, "adjust", "reseed"))
    )
