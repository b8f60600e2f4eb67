"""The Textual app: starts and displays a run, and exits when the run has ended or the user quits.

Importing this module imports Textual and little more; numpy is imported after the first paint, torch on the worker's thread.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.filter import LineFilter
from textual.messages import ExitApp
from textual.screen import Screen
from textual.timer import Timer

from jem_tui.errors import InputError, Reason
from jem_tui.tui.keys import KEYS
from jem_tui.tui.keys.command_palette import CommandProvider
from jem_tui.tui.keys.remap import remap_keys
from jem_tui.tui.preferences.preferences import Preferences, SavePreferences
from jem_tui.tui.preferences.theme import next_theme, set_up_themes, tone_variables
from jem_tui.tui.screens.failure_screen import TITLES, FailureScreen
from jem_tui.tui.screens.help_screen import HelpScreen
from jem_tui.tui.screens.loading_screen import LoadingScreen
from jem_tui.tui.screens.quit_screen import QuitChoice, QuitScreen
from jem_tui.tui.screenshot import save_screenshot
from jem_tui.tui.supervision.ending_signals import ScreenSignals
from jem_tui.tui.supervision.exit_request import ExitRequest
from jem_tui.tui.supervision.guarded_app import GuardedApp
from jem_tui.tui.terminal.process import freeze_gc

if TYPE_CHECKING:
    from jem_tui.events.run import Stopped
    from jem_tui.tui.screens.run_screen import RunScreen
    from jem_tui.tui.state.run_handle import RunHandle
    from jem_tui.tui.state.run_state import RunState
    from jem_tui.tui.state.session import Session
    from jem_tui.tui.terminal.graphics_probe import Graphics

TICK, LOADING_TICK = 1 / 15, 1 / 60
"""Seconds between two checks of the worker's events: with a run, and while it is loading."""
WARNING_SECONDS = 12.0
"""Seconds that a toast about preferences stays."""


class JemApp(GuardedApp):
    """An app that displays a run and starts it if need be; `run` returns the end of the run."""

    TITLE = "jem-tui"
    CSS_PATH = "app.tcss"
    COMMANDS: ClassVar = {CommandProvider}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "ctrl+c",
            "interrupt",
            "quit",
            id="interrupt",
            tooltip="Quit; press twice to quit at once.",
            show=False,
            priority=True,
        )
    ]

    def __init__(
        self,
        run: RunHandle,
        *,
        label: str,
        run_dir: str = "",
        preferences: Preferences | None = None,
        glyphs: Sequence[LineFilter] = (),
        graphics: Graphics | None = None,
        notice: str = "",
    ) -> None:
        """Prepare a screen for `run`. The loading screen displays `label` and `run_dir`; `notice` is the first toast.

        `glyphs` replace characters that the terminal cannot display; `graphics` is its protocol for images, if it has one.
        """
        self._glyphs = tuple(glyphs)
        self.graphics = graphics
        super().__init__()
        self._preferences = preferences or Preferences()
        set_up_themes(self, self._preferences.section("screen").get("theme"))
        self._keyboard = remap_keys(KEYS, self._preferences.section("keys"))
        self.run_handle = run
        self._notice = notice
        self._run_dir = run_dir
        self._loading_screen = LoadingScreen(label, run_dir)
        self._session: Session | None = None
        self._run_screen: RunScreen | None = None
        self._timer: Timer | None = None
        self._ended: Stopped | None = None
        self.exit_request = ExitRequest()

    @property
    def state(self) -> RunState | None:
        """The state of the run; None before the screen is attached."""
        return self._session.state if self._session is not None else None

    def get_default_screen(self) -> Screen[None]:
        return self._loading_screen

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        yield SystemCommand("Theme", "Choose a theme.", self.action_change_theme)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Return the colours of curves in the current theme."""
        return tone_variables(self.current_theme)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Return the filters of every row, including those for characters that the terminal cannot display."""
        return (*super().get_line_filters(), *self._glyphs)

    def on_mount(self) -> None:
        self.theme_changed_signal.subscribe(self, lambda theme: self._keep("screen", {"theme": theme.name}))
        self.set_keymap(dict(self._keyboard.changed))
        for error in filter(None, (self._notice, self._preferences.note, *self._keyboard.errors)):
            self.notify(error, severity="warning", timeout=WARNING_SECONDS, markup=False)
        ScreenSignals(self).install()
        self.call_after_refresh(self._start)

    def on_unmount(self) -> None:
        if self._session is not None and self.failure is None:
            self._session.close(self.exit_request.seconds_left)

    async def action_quit(self) -> None:
        """Quit at once if no progress can be lost, otherwise ask."""
        self._quit("stopped")

    def action_interrupt(self) -> None:
        """Quit as for `q`; the second time at once and without a question."""
        if self.exit_request.waiting or isinstance(self.screen, QuitScreen):
            self._leave(save=False, reason="interrupted")
        else:
            self._quit("interrupted")

    def action_help(self) -> None:
        """Open the help for the keys that work now."""
        if self._run_screen is not None:
            self.push_screen(HelpScreen(self._run_screen.keys()))

    def action_next_theme(self) -> None:
        """Switch to the next of the program's own themes."""
        self.theme = next_theme(self.theme)

    def action_save_screenshot(self) -> None:
        """Save the screen as an SVG file, and display its path."""
        run = self.state.run if self.state is not None else None
        self.notify(save_screenshot(self.export_screenshot(), self._run_dir, run.step if run else 0), markup=False)

    def on_exit_app(self, event: ExitApp) -> None:
        """Save before exiting when the browser tab is closed, as for a signal."""
        if not self.exit_request.waiting and self._ended is None and self._at_risk:
            event.prevent_default()
            self.on_signal()

    def on_hung_up(self) -> None:
        """Save and exit after the loss of the terminal, which a signal and the driver both report."""
        if not self.exit_request.waiting:
            self._leave(save=self._at_risk, reason="interrupted")

    def on_save_preferences(self, event: SavePreferences) -> None:
        self._keep(event.section, event.settings)

    def _keep(self, section: str, settings: Mapping[str, object]) -> None:
        """Save settings; display a warning if that fails."""
        try:
            self._preferences.keep(section, settings)
        except InputError as error:
            self.notify(str(error), severity="warning", timeout=WARNING_SECONDS, markup=False)

    def _start(self) -> None:
        """Start the worker after the first paint, and import the run screen meanwhile."""
        self.run_handle.start()
        from jem_tui.tui.screens.run_screen import RunScreen

        self._session = self.run_handle.attach()
        self._run_screen = RunScreen(self._session, self._keyboard, self._preferences)
        self._tick_every(LOADING_TICK, self._session, self._run_screen)

    def _tick_every(self, seconds: float, session: Session, run_screen: RunScreen) -> None:
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_interval(seconds, partial(self._tick, session, run_screen))

    def _tick(self, session: Session, run_screen: RunScreen) -> None:
        session.drain()
        state = session.state
        if state.run is None:
            self._loading_screen.show(state.loading, session.pending.word)
        elif not self.exit_request.waiting and run_screen not in self.screen_stack:
            freeze_gc()
            self.push_screen(run_screen)
            self._loading_screen.remove_children()
            self._tick_every(TICK, session, run_screen)
        run_screen.tick()
        if state.stopped is not None and self._ended is None:
            self._end(state.stopped, shown=state.run is not None)
        elif self.exit_request.overdue:
            self.exit(session.stopped_by_timeout(self.exit_request.reason))

    def _end(self, stopped: Stopped, *, shown: bool) -> None:
        """Handle the end of the run: exit if the user has quit, otherwise display an error, if there is one."""
        self._ended = stopped
        if self.exit_request.waiting:
            self.exit(stopped)
            return
        if isinstance(self.screen, QuitScreen):
            self.screen.dismiss("cancel")
        if stopped.reason in TITLES:
            hint = "esc: close · q: quit" if shown else "esc or q: quit"
            panel = FailureScreen(stopped, self._run_dir if shown else "", hint)
            self.push_screen(panel, lambda _: None if shown else self.exit(stopped))

    def _quit(self, reason: Reason) -> None:
        if self._ended is not None or self._session is None:
            self.exit(self._ended)
        elif not self._session.at_risk:
            self._leave(save=False, reason=reason)
        elif not isinstance(self.screen, QuitScreen):
            title = "Stopping: the checkpoint is not written yet" if self.exit_request.waiting else "Quit training?"
            self.push_screen(QuitScreen(title), partial(self._chosen, reason))

    def _chosen(self, reason: Reason, choice: QuitChoice | None) -> None:
        if choice in ("save", "now") and self._ended is None:
            self._leave(save=choice == "save", reason=reason)

    def _leave(self, *, save: bool, reason: Reason) -> None:
        """Stop the source and exit when it has stopped; without a checkpoint, after at most `PATIENCE` seconds."""
        self.exit_request.reason = reason
        if self._session is None or self._ended is not None:
            self.exit(self._ended)
            return
        self.exit_request.wait(save=save)
        self._session.stop(save=save, reason=reason)

    def on_signal(self) -> None:
        """Save and exit; at the second signal, exit at once."""
        repeated = self.exit_request.signal()
        self._leave(save=self._at_risk and not repeated, reason="interrupted")

    @property
    def _at_risk(self) -> bool:
        """True if an exit now would lose progress."""
        return self._session is not None and self._session.at_risk
