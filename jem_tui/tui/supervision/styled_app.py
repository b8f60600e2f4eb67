"""An app with the user's preferences: theme, keys, and glyphs that the terminal can display."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from textual.app import ReturnType
from textual.filter import LineFilter

from jem_tui.errors import InputError
from jem_tui.message_text import nearest, shown
from jem_tui.tui.keys import KEYS
from jem_tui.tui.keys.remap import remap_keys
from jem_tui.tui.preferences.preferences import Preferences, SavePreferences
from jem_tui.tui.preferences.theme import next_theme, readable_theme, set_up_themes
from jem_tui.tui.supervision.guarded_app import GuardedApp

if TYPE_CHECKING:
    from jem_tui.tui.terminal.graphics_probe import Graphics

WARNING_SECONDS = 12.0
"""Seconds that a toast about preferences stays."""
MOST_WARNINGS = 3
"""Maximum number of toasts about single settings, and about single key assignments: hundreds would keep the screen from answering."""


class StyledApp(GuardedApp[ReturnType]):
    """An app in the user's theme and with the user's keys, which saves changed preferences."""

    def __init__(
        self,
        preferences: Preferences | None = None,
        glyphs: Sequence[LineFilter] = (),
        graphics: Graphics | None = None,
    ) -> None:
        """Prepare the app. `glyphs` replace characters that the terminal cannot display; `graphics` is its protocol for images."""
        self._glyphs = tuple(glyphs)
        self.graphics = graphics
        super().__init__()
        self._preferences = preferences or Preferences()
        set_up_themes(self, self._preferences.section("screen").get("theme"))
        self.keyboard = remap_keys(KEYS, self._preferences.section("keys"))

    def get_css_variables(self) -> dict[str, str]:
        """Return the variables of style sheets in the current theme, with readable colours of text."""
        self.theme_variables = readable_theme(self.current_theme, super().get_css_variables())
        return self.theme_variables

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Return the filters of every row, including those for characters that the terminal cannot display."""
        return (*super().get_line_filters(), *self._glyphs)

    def on_mount(self) -> None:
        self.theme_changed_signal.subscribe(self, lambda theme: self._keep("screen", {"theme": theme.name}))
        self.set_keymap(self.keyboard.keymap)
        for sentence in self._warnings():
            self.notify(sentence, severity="warning", timeout=WARNING_SECONDS, markup=False)

    def action_next_theme(self) -> None:
        """Switch to the next of the program's own themes."""
        self.theme = next_theme(self.theme)

    def _warnings(self) -> Iterator[str]:
        """Yield sentences on preferences that are not applied."""
        errors = self.keyboard.errors
        if self._preferences.note:
            yield self._preferences.note
        faults = [*self._preferences.faults, *self._fault_of_theme()]
        yield from faults[:MOST_WARNINGS]
        if len(faults) > MOST_WARNINGS:
            further = len(faults) - MOST_WARNINGS
            yield f"{further:,} further settings of this file are not applied. Correct the reported ones, and restart."
        yield from errors[:MOST_WARNINGS]
        if len(errors) > MOST_WARNINGS:
            further = len(errors) - MOST_WARNINGS
            yield f"[keys]: {further:,} further assignments are not applied. Correct the reported ones, and restart."

    def _fault_of_theme(self) -> Iterator[str]:
        """Yield a sentence on a theme in the preferences that does not exist."""
        theme = self._preferences.section("screen").get("theme", self.theme)
        if theme not in self.available_themes:
            near = nearest(str(theme), self.available_themes)
            yield self._preferences.located(
                f"[screen] theme: there is no theme {shown(theme)}{near}. The default applies."
            )

    def on_save_preferences(self, event: SavePreferences) -> None:
        self._keep(event.section, event.settings)

    def _keep(self, section: str, settings: Mapping[str, object]) -> None:
        """Save settings; display a warning if that fails."""
        try:
            self._preferences.keep(section, settings)
        except InputError as error:
            self.notify(str(error), severity="warning", timeout=WARNING_SECONDS, markup=False)
