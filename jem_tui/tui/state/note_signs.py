"""Signs, colours and words of the kinds of notes."""

from __future__ import annotations

from typing import NamedTuple

from jem_tui.events.run import NoteKind
from jem_tui.tui.preferences.theme import MUTED


class NoteSign(NamedTuple):
    """The appearance of a kind of note, and its words."""

    sign: str
    tone: str
    name: str
    """The name in the legend of event marks."""
    meaning: str
    """The explanation in the help."""


SIGNS: dict[NoteKind, NoteSign] = {
    "info": NoteSign("·", MUTED, "note", "information"),
    "warning": NoteSign("!", "$text-warning", "warning", "warning"),
    "checkpoint": NoteSign("+", "$text-success", "checkpoint", "a checkpoint was saved"),
    "divergence": NoteSign("x", "$text-error", "divergence", "the run diverged"),
    "rewind": NoteSign("<", "$text-warning", "rollback", "the run was rolled back"),
    "reseed": NoteSign("~", "$text-secondary", "restart", "chains were restarted"),
    "epoch": NoteSign("=", "$text-primary", "epoch", "an epoch ended"),
    "evaluation": NoteSign("%", "$text-accent", "evaluation", "the model was evaluated"),
    "adjust": NoteSign("*", "$text-accent", "adjustment", "a setting was changed"),
    "outage": NoteSign("!", "$text-error", "log not written", "the log cannot be written"),
    "recorded": NoteSign("·", "$text-success", "log written", "the log is written again"),
    "end": NoteSign("|", "$text-primary", "end", "the end of the run"),
}
