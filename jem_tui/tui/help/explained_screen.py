"""Screens that explain themselves: their help opens next to their content, and a key that does nothing states why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from time import monotonic
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events
from textual.binding import ActiveBinding

from jem_tui.tui.help.help_entry import HelpPage, HelpSection
from jem_tui.tui.help.help_pages import help_pages
from jem_tui.tui.help.help_panel import HelpPanel, docked_columns
from jem_tui.tui.keys.key import Focus, Key
from jem_tui.tui.keys.remap import keyboard_of
from jem_tui.tui.supervision.steady_screen import SteadyScreen

if TYPE_CHECKING:
    from textual.screen import Screen

    _Screen = Screen[Any]
else:
    _Screen = object

REFUSAL_SECONDS = 4.0
"""Seconds for which the reason why a key does nothing is displayed, and is not displayed again."""


class ExplainedScreen(SteadyScreen, _Screen):
    """Mixin of a screen with help. A subclass describes its display, and states why its keys do nothing."""

    KEYS_OF: ClassVar[Focus] = ""
    """The place of the screen's keys in the key table."""
    _help: HelpPanel | None = None
    _reminder: tuple[str, float] = ("", 0.0)

    def display_help(self) -> Sequence[HelpSection]:
        """Return the page of the help about the display."""
        return ()

    def why_not(self, key: Key) -> str:
        """Return why a key of the screen does nothing now, in a sentence without its label; empty if there is no reason."""
        return ""

    def help_toggled(self) -> None:
        """Arrange the content after the help was opened or closed."""

    @property
    def content_columns(self) -> int:
        """Columns of the terminal that the help leaves to the screen; all of them if the help covers the screen."""
        width = self.app.size.width
        return width - docked_columns(width) if self._help is not None else width

    @property
    def active_bindings(self) -> dict[str, ActiveBinding]:
        """Bindings with the user's keys as the table displays them."""
        known = {key.id: key for key in keyboard_of(self.app).keys}
        active = super().active_bindings
        return {
            name: each._replace(binding=replace(known[each.binding.id].binding, show=each.binding.show))
            if each.binding.id in known
            else each
            for name, each in active.items()
        }

    def on_key(self, event: events.Key) -> None:
        """Display why a key does nothing now."""
        active = self.active_bindings.get(event.key)
        self.key_pressed(event, active.binding.id if active is not None else None)
        reason, now = "" if active is not None else self.refusal(event.key), monotonic()
        if reason and (reason != self._reminder[0] or now - self._reminder[1] >= REFUSAL_SECONDS):
            self._reminder = reason, now
            self.notify(reason, timeout=REFUSAL_SECONDS, markup=False)

    def key_pressed(self, event: events.Key, name: str | None) -> None:
        """Handle a key, whose `name` is None if it does nothing now."""

    def refusal(self, pressed: str) -> str:
        """Return why the key `pressed` does nothing now, with the label of its action; empty if it has no action here."""
        keyboard = keyboard_of(self.app)
        keys = (key for key in keyboard.keys if key.focus == self.KEYS_OF and pressed in key.keys.split(","))
        key = next(keys, None)
        reason = self.why_not(key) if key is not None else ""
        return keyboard.fill(f"{key.label}: {reason}") if key is not None and reason else ""

    def pages(self) -> tuple[HelpPage, ...]:
        """Return the pages of the help."""
        keyboard, active = keyboard_of(self.app), {each.binding.id for each in self.active_bindings.values()}
        offered = [key for key in keyboard.keys if key.focus in ("", self.KEYS_OF) and key.id in active]
        return help_pages(offered, keyboard.keys, self.KEYS_OF, self.display_help())

    async def action_show_help(self) -> None:
        """Open the help, whose first page has the keys of the screen or of its focused pane."""
        if self._help is not None:
            return
        fill = keyboard_of(self.app).fill
        self._help = HelpPanel([page.filled(fill) for page in self.pages()], self.focused, self._help_closed)
        await self.mount(self._help)
        self.help_toggled()

    def action_open_help_page(self, number: int) -> None:
        """Open a page of the help, for a click on its tab."""
        if self._help is not None:
            self._help.action_open(number)

    def _help_closed(self) -> None:
        self._help = None
        self.help_toggled()
