"""The screen of the command palette, in which no key fails."""

from __future__ import annotations

from typing import Any

from textual.app import ComposeResult
from textual.command import CommandList, CommandPalette
from textual.events import Click
from textual.widgets import OptionList
from textual.worker import Worker, WorkType

from jem_tui.tui.supervision.steady_screen import SteadyScreen

PAGES = ("page_up", "page_down")
"""Moves for which a list of options looks up its rows."""


def has_rows(options: OptionList) -> bool:
    """Return whether a list has rows to move through; without room on the screen it has none, and Textual raises KeyError."""
    return bool(options.scrollable_content_region)


class FoundCommands(CommandList):
    """The list of commands that a search found; a click on a command that a newer search took away does nothing."""

    async def _on_click(self, event: Click) -> None:
        """Leave out a click on a row of an older search."""
        option = event.style.meta.get("option")
        if option is not None and option >= self.option_count:
            event.prevent_default()


class PaletteScreen(SteadyScreen, CommandPalette):
    """Textual's palette; its keys reach the list of commands even while that list is hidden."""

    def compose(self) -> ComposeResult:
        """Compose Textual's palette with a list of its own."""
        for widget in super().compose():
            yield FoundCommands() if isinstance(widget, CommandList) else widget

    def run_worker(self, work: WorkType[Any], *args: Any, **kwargs: Any) -> Worker[Any]:
        """Start a search that may fail alone: a palette that is closed at once takes away the list that the search fills."""
        return super().run_worker(work, *args, **{**kwargs, "exit_on_error": False})

    def _action_command_list(self, action: str) -> None:
        """Pass a key on to the list; a page is left out where the list has no rows."""
        if action not in PAGES or has_rows(self.query_one(CommandList)):
            super()._action_command_list(action)
