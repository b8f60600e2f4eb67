"""The time in which a run cannot be written, its cause, and the steps that are lost."""

from __future__ import annotations

from pathlib import Path

from jem_tui.events.run import Event, Note, NoteKind
from jem_tui.printable import printable


class Outage:
    """A record of failed writes that words the notes and the summary for the user."""

    def __init__(self, run_dir: Path) -> None:
        self.is_active = False
        self._run_dir = run_dir
        self._since = 0
        self._why = ""
        self._count = 0
        self._lost: list[tuple[int, int]] = []
        """First and last step of each gap."""
        self._dropping = False
        self._pending_notes: list[Note] = []

    def begin(self, event: Event, why: str) -> None:
        """Begin an outage at this event, unless one is active."""
        if self.is_active:
            return
        self.is_active, self._since, self._why = True, event.step, why
        self._count += 1
        self._say(
            event,
            f"The run cannot be recorded in {printable(str(self._run_dir))}: {why}. Training continues, and its events "
            "are written as soon as that is possible. Check the free space and the folder.",
            "outage",
        )

    def end(self, event: Event) -> None:
        """Finish an active outage at this event."""
        if not self.is_active:
            return
        self.is_active = self._dropping = False
        missing = [gap for gap in self._lost if gap[1] >= self._since]
        self._say(event, f"The run is recorded again; {_missing(missing)}.", "recorded")

    def removed(self, event: Event, gap: tuple[int, int] | None) -> None:
        """Add a note that the recording was removed and continues in a new file; `gap` is the range of lost steps."""
        self._since, self._why = event.step, "its file was removed"
        self._count += 1
        self._lost += [gap] if gap else []
        text = f"The recording in {printable(str(self._run_dir))} was removed and continues in a new file; {_missing([gap] if gap else [])}."
        self._say(event, text, "warning")

    def lose(self, event: Event) -> None:
        """Count an event for which memory had no room."""
        first = self._lost.pop()[0] if self._dropping else event.step
        self._lost.append((first, event.step))
        self._dropping = True

    def pending_notes(self) -> list[Note]:
        """Return the notes since the last call."""
        notes, self._pending_notes = self._pending_notes, []
        return notes

    @property
    def loss_summary(self) -> str:
        """A sentence on what the recording lacks, for the end of the run; "" if no write has failed."""
        if self.is_active:
            return (
                f"From step {self._since:,} on the run could not be written to {printable(str(self._run_dir))}: "
                f"{self._why}; the recording may end there."
            )
        if self._count:
            times = "once" if self._count == 1 else f"{self._count} times"
            return f"The run could not be recorded {times}, last at step {self._since:,} ({self._why}); {_missing(self._lost)}."
        return ""

    def _say(self, event: Event, text: str, kind: NoteKind) -> None:
        note = Note(**event.at.fields(), text=text, kind=kind)
        self._pending_notes.append(note)


def _missing(gaps: list[tuple[int, int]]) -> str:
    if not gaps:
        return "nothing is missing"
    return "missing steps: " + ", ".join(f"{first:,} to {last:,}" for first, last in gaps)
