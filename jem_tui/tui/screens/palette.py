"""The screen of the command palette, in which no key fails."""

from __future__ import annotations

from textual.command import CommandList, CommandPalette
from textual.widgets import OptionList

from jem_tui.tui.screens.newest_size import NewestSize

PAGES = ("page_up", "page_down")
"""Moves for which a list of options looks up its rows."""


def has_rows(options: OptionList) -> bool:
    """Return whether a list has rows to move through; without room on the screen it has none, and Textual raises KeyError."""
    return bool(options.scrollable_content_region)


class PaletteScreen(NewestSize, CommandPalette):
    """Textual's palette; its keys reach the list of commands even while that list is hidden."""

    def _action_command_list(self, action: str) -> None:
        """Pass a key on to the list; a page is left out where the list has no rows."""
        if action not in PAGES or has_rows(self.query_one(CommandList)):
            super()._action_command_list(action)
