"""Signs of notes and event marks."""

from __future__ import annotations

from jem_tui.events.run import NoteKind
from jem_tui.tui.preferences.theme import MUTED

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
"""Sign and colour by kind of note."""
