"""Screens that ignore outdated sizes, the exit of the app and a second dismissal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual import events
from textual.await_complete import AwaitComplete

if TYPE_CHECKING:
    from textual.screen import Screen

    from jem_tui.tui.state.copied_text import Copied

    _Screen = Screen[Any]
else:
    _Screen = object


class SteadyScreen(_Screen):
    """Mixin for screens that ignores outdated sizes of the terminal, that closes a screen only once, and that may have values to copy."""

    async def on_event(self, event: events.Event) -> None:
        """Handle an event, except a resize to an outdated size, and the start of a screen whose app exits.

        Textual arranges a screen in the size of each event, and each layout in a different size enqueues another event: two
        different sizes in the queue alternate forever, and no other event is handled.

        Textual composes no widgets once the app exits or the screen is closed, but has the screen handle these events nonetheless.
        """
        if isinstance(event, events.Mount | events.Resize) and (self.app._exit or self._pruning or self._closing):
            return
        if not isinstance(event, events.Resize) or event.size == self.app.size:
            await super().on_event(event)

    def copied(self) -> Copied | None:
        """Return what the key for copying copies from this screen; None without values."""
        return None

    def dismiss(self, result: Any = None) -> AwaitComplete:
        """Close the screen if it is on top; otherwise Textual would close the screen above."""
        return super().dismiss(result) if self.is_active else AwaitComplete()
