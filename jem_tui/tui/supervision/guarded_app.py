"""An app that survives faults of Textual, and whose failure leaves the terminal usable."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO
from traceback import walk_tb
from typing import TYPE_CHECKING, ClassVar

from textual.app import App
from textual.binding import Binding, BindingType
from textual.driver import Driver
from textual.theme import ThemeProvider

from jem_tui.tui.supervision.palette_screen import PaletteScreen
from jem_tui.tui.supervision.screen_failure import ScreenFailure
from jem_tui.tui.terminal.process import has_shell

if TYPE_CHECKING:
    from rich.console import RenderableType

    from jem_tui.events.run import Stopped

    _App = App[Stopped]
else:
    _App = App

PULSE = 1.0
"""Seconds between two questions whether the screen still answers."""


class GuardedApp(_App):
    """An app that keeps its failure instead of printing it, and gives the terminal back in any case."""

    ALLOW_SELECT = False
    """Selected text could not be copied, and Textual fails on a selection that begins where a widget has just gone."""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "ctrl+z",
            "suspend_process",
            "suspend",
            id="suspend",
            tooltip="Suspend the program; fg in the shell continues it.",
            show=False,
        )
    ]

    def __init__(self) -> None:
        super().__init__()
        self.failure: ScreenFailure | None = None
        """The first failure, which ends the app."""
        self.keep_details: Callable[[ScreenFailure], str] | None = None
        """Writes down why a part of the screen failed and returns the place; without it such a part ends the app."""
        self._contained: dict[object, str] = {}
        """The sentences of all failures of parts so far, by their kind and place."""
        self.answered: Callable[[], None] = lambda: None
        """Called whenever a question has gone through the queues of the app and of its screen."""

        self.failed: Callable[[], None] = lambda: None
        """Called at the first failure."""

    def get_driver_class(self) -> type[Driver]:
        """Return what draws on the terminal, even if that goes away."""
        return hangup_safe(super().get_driver_class())

    def on_mount(self) -> None:
        self.set_interval(PULSE, lambda: self.call_later(self._ask_screen))
        self.app_resume_signal.subscribe(self, lambda _: self._draw_everything())

    def fail(self, failure: ScreenFailure) -> None:
        """Keep the failure of the screen, unless the screen has failed already."""
        if self.failure is None:
            self.failure = failure
            self.failed()

    def contain(self, error: Exception) -> str:
        """Return a sentence for a part of the screen that fails alone; raise `error` where nobody keeps its details."""
        if self.keep_details is None:
            raise error
        frames = [(frame.f_code.co_filename, line) for frame, line in walk_tb(error.__traceback__)]
        known = (type(error), *frames[-1:])
        if known not in self._contained:
            failure = ScreenFailure.of(error)
            where = self.keep_details(failure)
            self._contained[known] = (
                f"This part cannot be drawn ({failure.cause}). Drawing is tried again with the next data. {where}"
            )
        return self._contained[known]

    def give_back(self) -> None:
        """Restore the terminal without the app's loop."""
        give_back = getattr(self._driver, "give_back", None)
        if give_back is not None:
            give_back()

    def panic(self, *renderables: RenderableType) -> None:
        """End the app for a failure that Textual can only describe."""
        from rich.console import Console

        text = StringIO()
        Console(file=text, width=120).print(*renderables)
        self.fail(ScreenFailure("Textual stopped", text.getvalue()))
        self._close_messages_no_wait()

    def _handle_exception(self, error: Exception) -> None:
        """End the app for an exception in whatever part of it."""
        self._return_code = 1
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
        self.fail(ScreenFailure.of(error))
        self._close_messages_no_wait()

    def action_suspend_process(self) -> None:
        """Stop the process, where there is a shell that can continue it."""
        if has_shell():
            super().action_suspend_process()
        else:
            self.notify("Ctrl-Z does nothing here: no shell could continue the program.", severity="warning")

    def action_command_palette(self) -> None:
        """Search all commands."""
        if not isinstance(self.screen, PaletteScreen):
            self.push_screen(PaletteScreen())

    def search_themes(self) -> None:
        """Search the themes."""
        self.push_screen(PaletteScreen(providers=[ThemeProvider], placeholder="Search for themes…"))

    def _ask_screen(self) -> None:
        self.screen.call_later(self.answered)

    def _draw_everything(self) -> None:
        """Draw every row, on a terminal that shows something else."""
        self.screen.refresh(layout=True)


def hangup_safe(driver: type[Driver]) -> type[Driver]:
    """Return the driver of a POSIX terminal as one that drops what is written to a lost terminal; other drivers as they are.

    Textual's own ends its writer then, waits for that writer for ever once thirty frames are due, and keeps a core busy
    reading nothing.
    """
    if driver.__name__ != "LinuxDriver":
        return driver
    from jem_tui.tui.terminal.posix_driver import HangupSafeDriver

    return HangupSafeDriver
