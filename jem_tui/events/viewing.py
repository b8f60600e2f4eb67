"""Events that only a viewer of a run in another process emits. None of these events is recorded."""

from __future__ import annotations

from dataclasses import dataclass

from jem_tui.events.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection(Event):
    """The connection to the door of a run was made or lost. `step`, `images` and `time` are those of the newest event."""

    connected: bool
    """False while the run cannot be followed; the viewer reconnects without a command."""
    text: str = ""
    """The state of the connection, its cause and the next action in one sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed(Event):
    """Output of a watched script."""

    text: str
    """The newest output as the script wrote it, not necessarily whole lines; line breaks and control characters are not escaped."""
