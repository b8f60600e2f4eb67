"""The screen of the command palette, in which no key fails."""

from __future__ import annotations

from typing import Any

from textual.command import CommandList, CommandPalette
from textual.widgets import OptionList
from textual.worker import Worker, WorkType

from jem_tui.tui.screens.steady_screen import SteadyScreen

PAGES = ("page_up", "page_down")
"""Moves for which a list of options looks up its rows."""


def has_rows(options: OptionList) -> bool:
    """Return whether a list has rows to move through; without room on the screen it has none, and Textual raises KeyError."""
    return bool(options.scrollable_content_region)


class PaletteScreen(SteadyScreen, CommandPalette):
    """Textual's palette; its keys reach the list of commands even while that list is hidden."""

    def run_worker(self, work: WorkType[Any], *args: Any, **kwargs: Any) -> Worker[Any]:
        """Start a search that may fail alone: a palette that is closed at once takes away the list that the search fills."""
        return super().run_worker(work, *args, **{**kwargs, "exit_on_error": False})

    def _action_command_list(self, action: str) -> None:
        """Pass a key on to the list; a page is left out where the list has no rows."""
        if action not in PAGES or has_rows(self.query_one(CommandList)):
            super()._action_command_list(action)
