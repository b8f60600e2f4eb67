"""Screens that neither old sizes nor a second click throw off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual import events
from textual.await_complete import AwaitComplete

if TYPE_CHECKING:
    from textual.screen import Screen

    _Screen = Screen[Any]
else:
    _Screen = object


class SteadyScreen(_Screen):
    """Mixin of a screen that heeds the newest size of the terminal alone, and that closes once."""

    async def on_event(self, event: events.Event) -> None:
        """Handle an event, unless it is a resize to a size of the past.

        Textual lays a screen out in the size of each event, and every layout in another size enqueues one more event for the
        screen: two different sizes in the queue alternate for ever, and nothing else of the program gets its turn.
        """
        if not isinstance(event, events.Resize) or event.size == self.app.size:
            await super().on_event(event)

    def dismiss(self, result: Any = None) -> AwaitComplete:
        """Close the screen; one that is not on top leaves the others alone, of which Textual would close one."""
        return super().dismiss(result) if self.is_active else AwaitComplete()
