"""The role of a screen: the relation of its run to this process, and what follows the screen."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenRole:
    """The role of a screen: by default that of a run of this process."""

    attachment: Attachment | None = None
    """The relation to a run of another process; None if the run belongs to this process."""
    attachable: bool = False
    """True for the replay of a run that is live on this machine, to which the screen can attach."""
    ends_script: bool = False
    """True if this process has started a script, which ends with the screen."""
    trains: bool = False
    """True if that script is a training run of this program."""
    from_browser: bool = False
    """True if the browser has opened the screen and returns after it."""

    @property
    def view_only(self) -> bool:
        """True if the screen only displays the run of another process."""
        return self.attachment is not None and self.attachment.view_only


OWN_RUN = ScreenRole()
"""The role of the screen of a run of this process, or of a recording."""
