"""The screen of the command palette, with fixes for keys and clicks that fail in Textual."""

from __future__ import annotations

from typing import Any

from textual.app import ComposeResult
from textual.command import CommandList, CommandPalette
from textual.events import Click
from textual.widgets import OptionList
from textual.worker import Worker, WorkType

from jem_tui.tui.supervision.steady_screen import SteadyScreen

PAGES = ("page_up", "page_down")
"""Actions for which a list of options needs its visible rows."""


def has_rows(options: OptionList) -> bool:
    """Return whether a list has visible rows; without any, Textual raises KeyError for a page key."""
    return bool(options.scrollable_content_region)


class FoundCommands(CommandList):
    """The list of found commands, which ignores clicks on rows of an earlier search."""

    async def _on_click(self, event: Click) -> None:
        """Ignore a click on a row that the newest search has removed."""
        option = event.style.meta.get("option")
        if option is not None and option >= self.option_count:
            event.prevent_default()


class PaletteScreen(SteadyScreen, CommandPalette):
    """Textual's palette without its failures of page keys, clicks and closing."""

    def compose(self) -> ComposeResult:
        """Compose Textual's palette with `FoundCommands` as its list."""
        for widget in super().compose():
            yield FoundCommands() if isinstance(widget, CommandList) else widget

    def run_worker(self, work: WorkType[Any], *args: Any, **kwargs: Any) -> Worker[Any]:
        """Start a search whose failure does not end the app: closing the palette removes the list that the search fills."""
        return super().run_worker(work, *args, **{**kwargs, "exit_on_error": False})

    def _action_command_list(self, action: str) -> None:
        """Forward a key to the list, except page keys for a list without visible rows."""
        if action not in PAGES or has_rows(self.query_one(CommandList)):
            super()._action_command_list(action)
