"""The app of the browser; `run` returns what the user has chosen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.filter import LineFilter
from textual.screen import Screen

from jem_tui.tui.browser.browser_choice import BrowserChoice, LeaveBrowser
from jem_tui.tui.browser.browser_screen import BrowserScreen
from jem_tui.tui.browser.browser_state import BrowserState
from jem_tui.tui.browser.comparison.compare_screen import CompareScreen
from jem_tui.tui.keys.command_palette import CommandProvider
from jem_tui.tui.preferences.preferences import Preferences
from jem_tui.tui.state.run_handle import RunHandle
from jem_tui.tui.supervision.ending_signals import ScreenSignals
from jem_tui.tui.supervision.exporting_app import ExportingApp
from jem_tui.tui.supervision.styled_app import WARNING_SECONDS

if TYPE_CHECKING:
    from jem_tui.tui.state.run_worker import RunWorker
    from jem_tui.tui.terminal.graphics_probe import Graphics


class BrowserApp(ExportingApp[BrowserChoice]):
    """An app that displays the runs of a folder and reads them on a thread while it runs."""

    TITLE = "jem-tui"
    CSS_PATH: ClassVar = ["../app.tcss", "browser.tcss"]
    COMMANDS: ClassVar = {CommandProvider}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c", "interrupt", "Quit", id="interrupt", tooltip="Quit.", show=False, priority=True)
    ]

    def __init__(
        self,
        state: BrowserState,
        *,
        preferences: Preferences | None = None,
        glyphs: Sequence[LineFilter] = (),
        graphics: Graphics | None = None,
    ) -> None:
        """Prepare the screen. `glyphs` replace characters that the terminal cannot display; `graphics` is its protocol for images."""
        super().__init__(preferences, glyphs, graphics)
        self._state = state
        self.run_handle = RunHandle(_no_worker)
        """A run that is never started, for the handler of signals."""
        self._screen: Screen[None] = (
            CompareScreen(state.compared, alone=True) if state.compared else BrowserScreen(state)
        )

    def get_default_screen(self) -> Screen[None]:
        return self._screen

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        yield SystemCommand("Theme", "Choose a theme.", self.action_change_theme)

    def on_mount(self) -> None:
        if self._state.notice:
            self.notify(self._state.notice, severity="warning", timeout=WARNING_SECONDS, markup=False)
        self._state.notice = ""
        ScreenSignals(self).install()
        if not self._state.compared:
            self.call_after_refresh(self._state.reading.start)

    def on_unmount(self) -> None:
        self._state.reading.close()

    async def action_quit(self) -> None:
        """Leave the browser."""
        self.exit(LeaveBrowser())

    def action_interrupt(self) -> None:
        """Leave the browser as for a signal."""
        self.on_signal()

    def on_signal(self) -> None:
        """Leave the browser after a signal."""
        self.exit(LeaveBrowser(interrupted=True))

    def on_hung_up(self) -> None:
        """Leave the browser after the loss of the terminal."""
        self.on_signal()


def _no_worker() -> RunWorker:
    raise RuntimeError("the browser has no run of its own")
