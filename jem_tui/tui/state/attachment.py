"""The relation of a screen to a run that another process owns."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """The kind of an attachment, and the machine of the run."""

    view_only: bool = False
    """True if the screen sends no commands."""
    host: str = ""
    """The machine of the run; empty for this machine."""

    @property
    def text(self) -> str:
        """The relation in a few words, for the header."""
        return f"{'view only' if self.view_only else 'attached'}{f' · {self.host}' if self.host else ''}"
