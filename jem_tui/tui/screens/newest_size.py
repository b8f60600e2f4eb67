"""Screens in the newest size of the terminal, whatever sizes it had on the way there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual import events

if TYPE_CHECKING:
    from textual.screen import Screen

    _Screen = Screen[Any]
else:
    _Screen = object


class NewestSize(_Screen):
    """Mixin of a screen that drops resize events whose size the terminal no longer has.

    Textual lays a screen out in the size of each event, and every layout in another size enqueues one more event for the screen:
    two different sizes in the queue alternate for ever, and nothing else of the program gets its turn.
    """

    async def on_event(self, event: events.Event) -> None:
        """Handle an event, unless it is a resize to a size of the past."""
        if not isinstance(event, events.Resize) or event.size == self.app.size:
            await super().on_event(event)
