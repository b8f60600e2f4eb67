"""An app that contains failures of widgets, and that restores the terminal when it fails itself."""

from __future__ import annotations

import os
from base64 import b64encode
from collections.abc import Callable
from io import StringIO
from traceback import walk_tb
from typing import TYPE_CHECKING, ClassVar

from textual.app import App, ReturnType
from textual.binding import Binding, BindingType
from textual.driver import Driver
from textual.theme import ThemeProvider
from textual.widget import MountError

from jem_tui.tui.supervision.palette_screen import PaletteScreen
from jem_tui.tui.supervision.screen_failure import ScreenFailure
from jem_tui.tui.terminal.process import has_shell
from jem_tui.tui.terminal.terminal_signals import TerminalSignals
from jem_tui.unsuspended_time import unsuspended_time

if TYPE_CHECKING:
    from rich.console import RenderableType

PULSE = 1.0
"""Seconds between two messages that check whether the screen answers."""


class GuardedApp(App[ReturnType]):
    """An app that stores its failure instead of printing it, and that always restores the terminal."""

    ALLOW_SELECT = False
    """False, since selected text could not be copied, and Textual fails on a selection that starts at a removed widget."""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "ctrl+z",
            "suspend_process",
            "suspend",
            id="suspend",
            tooltip="Suspend the program; fg in the shell resumes it.",
            show=False,
        )
    ]

    def __init__(self) -> None:
        super().__init__()
        self.failure: ScreenFailure | None = None
        """The failure that has ended the app."""
        self.keep_details: Callable[[ScreenFailure], str] | None = None
        """Saves the details of a failed widget and returns a sentence with the path; if None, such a failure ends the app."""
        self._contained: dict[object, str] = {}
        """Sentences of all failures of widgets, by type of error and line of code."""
        self.answered: Callable[[], None] = lambda: None
        """Called after each check that has passed the message queues of app and screen."""

        self.failed: Callable[[], None] = lambda: None
        """Called when the app fails."""

    @property
    def may_be_silent(self) -> bool:
        """True while the app only waits, so that a missing answer does not mean a frozen screen."""
        return False

    def get_driver_class(self) -> type[Driver]:
        """Return a driver that survives the loss of the terminal."""
        return hangup_safe(super().get_driver_class())

    def on_mount(self) -> None:
        self.set_interval(PULSE, lambda: self.call_later(self._ask_screen))
        self.app_resume_signal.subscribe(self, lambda _: self._draw_everything())

    def fail(self, failure: ScreenFailure) -> None:
        """Store the first failure of the screen."""
        if self.failure is None:
            self.failure = failure
            self.failed()

    def contain(self, error: Exception) -> str:
        """Save the details of a widget's failure and return a sentence for its place; raise `error` if they cannot be saved."""
        if self.keep_details is None:
            raise error
        frames = [(frame.f_code.co_filename, line) for frame, line in walk_tb(error.__traceback__)]
        place = (type(error), *frames[-1:])
        if place not in self._contained:
            failure = ScreenFailure.of(error)
            where = self.keep_details(failure)
            self._contained[place] = (
                f"Could not draw this pane ({failure.cause}). It is drawn again with the next data. {where}"
            )
        return self._contained[place]

    def copy_to_clipboard(self, text: str) -> None:
        """Copy a text by OSC 52; inside tmux also past tmux, whose own clipboard need not be that of the terminal.

        Bytes of a path that are no text are copied as escapes.
        """
        text = text.encode("utf-8", "backslashreplace").decode("utf-8")
        super().copy_to_clipboard(text)
        if os.environ.get("TMUX") and self._driver is not None:
            code = b64encode(text.encode()).decode("ascii")
            self._driver.write(TerminalSignals(tmux=True).wrapped(f"\x1b]52;c;{code}\a"))

    def give_back(self) -> None:
        """Restore the terminal without the event loop of the app."""
        give_back = getattr(self._driver, "give_back", None)
        if give_back is not None:
            give_back()

    def panic(self, *renderables: RenderableType) -> None:
        """Fail with a description by Textual instead of an exception."""
        from rich.console import Console

        text = StringIO()
        Console(file=text, width=120).print(*renderables)
        self.fail(ScreenFailure("Textual stopped", text.getvalue()))
        self._close_messages_no_wait()

    def _handle_exception(self, error: Exception) -> None:
        """Fail with an exception of any widget or handler.

        Once the app exits, Textual refuses new widgets; the widgets that a late key opens are not needed then.
        """
        if isinstance(error, MountError) and self._exit:
            return
        self._return_code = 1
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
        self.fail(ScreenFailure.of(error))
        self._close_messages_no_wait()

    def action_suspend_process(self) -> None:
        """Suspend the process, if there is a shell that can continue it."""
        if has_shell():
            with unsuspended_time.suspended():
                super().action_suspend_process()
        else:
            self.notify("Ctrl-Z is disabled because no shell could resume the program.", severity="warning")

    def action_command_palette(self) -> None:
        """Open the command palette."""
        if not isinstance(self.screen, PaletteScreen):
            self.push_screen(PaletteScreen())

    def search_themes(self) -> None:
        """Open a palette of all themes."""
        self.push_screen(PaletteScreen(providers=[ThemeProvider], placeholder="Search for themes…"))

    def _ask_screen(self) -> None:
        # the stack is empty once the app has closed its screens
        if self.screen_stack:
            self.screen.call_later(self.answered)

    def _draw_everything(self) -> None:
        """Draw every row after a suspension, when the terminal displays other content."""
        self.screen.refresh(layout=True)


def hangup_safe(driver: type[Driver]) -> type[Driver]:
    """Replace Textual's driver of a POSIX terminal by one that survives the loss of the terminal; return other drivers unchanged.

    After such a loss Textual's driver ends its writer thread, waits forever for that thread once thirty frames are queued, and
    keeps a processor core busy reading nothing.
    """
    if driver.__name__ != "LinuxDriver":
        return driver
    from jem_tui.tui.terminal.posix_driver import HangupSafeDriver

    return HangupSafeDriver
