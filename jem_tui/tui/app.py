"""The Textual app: starts and displays a run, and exits when the run has ended or the user quits.

Importing this module imports Textual and little more; numpy is imported after the first paint, torch on the worker's thread.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, ClassVar

from textual.app import SystemCommand
from textual.filter import LineFilter
from textual.screen import Screen
from textual.timer import Timer

from jem_tui.tui.exiting.exiting_app import ExitingApp
from jem_tui.tui.keys.command_palette import CommandProvider
from jem_tui.tui.preferences.preferences import Preferences
from jem_tui.tui.screens.loading_screen import LoadingScreen
from jem_tui.tui.screenshot import PicturePlace
from jem_tui.tui.supervision.ending_signals import ScreenSignals
from jem_tui.tui.supervision.styled_app import WARNING_SECONDS
from jem_tui.tui.terminal.process import freeze_gc
from jem_tui.tui.terminal.terminal_signals import find_signals

if TYPE_CHECKING:
    from jem_tui.events.run import Stopped
    from jem_tui.tui.screens.run_screen import RunScreen
    from jem_tui.tui.state.run_handle import RunHandle
    from jem_tui.tui.state.run_state import RunState
    from jem_tui.tui.state.session import Session
    from jem_tui.tui.supervision.announcer import Announcer
    from jem_tui.tui.terminal.graphics_probe import Graphics

TICK, LOADING_TICK = 1 / 15, 1 / 60
"""Seconds between two checks of the worker's events: with a run, and while it is loading."""
EAGER_SECONDS = 1.0
"""Seconds with a run for which its events are checked as while it is loading, since its past follows its start."""
SUMMARY_SECONDS = 5.0
"""Seconds for which a run must have been displayed for its summary to open at its end without a key."""


class JemApp(ExitingApp):
    """An app that displays a run and starts it if need be; `run` returns the end of the run."""

    TITLE = "jem-tui"
    CSS_PATH = "app.tcss"
    COMMANDS: ClassVar = {CommandProvider}

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
        tour: bool = False,
    ) -> None:
        """Prepare a screen for `run`. The loading screen displays `label` and `run_dir`; `notice` is the first toast.

        With `tour`, the screen of the run begins with the tour.

        `glyphs` replace characters that the terminal cannot display; `graphics` is its protocol for images, if it has one.
        """
        super().__init__(run, run_dir, preferences, glyphs, graphics)
        self._notice = notice
        self._tour = tour
        self._loading_screen = LoadingScreen(label, run_dir)
        self._run_screen: RunScreen | None = None
        self._timer: Timer | None = None
        self._label = label
        self._announcer: Announcer | None = None
        self._displayed_at = math.inf
        """Monotonic seconds at which the run screen was opened."""

    @property
    def state(self) -> RunState | None:
        """The state of the run; None before the screen is attached."""
        return self._session.state if self._session is not None else None

    @property
    def picture_place(self) -> PicturePlace:
        run = self.state.run if self.state is not None else None
        return PicturePlace(self._folder, run.step if run is not None else 0)

    @property
    def _folder(self) -> str:
        """The folder of the displayed run: of several, that of the leading one; "" if it is not on this machine."""
        state = self.state
        if state is None or state.run is None or not state.compared:
            return self._run_dir
        leading = state.run.info.run_dir
        return leading if leading and Path(leading).is_dir() else ""

    def get_default_screen(self) -> Screen[None]:
        return self._loading_screen

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        if self._session is not None and self._run_screen is not None:
            from jem_tui.tui.screens.knob_commands import knob_commands
            from jem_tui.tui.screens.preference_commands import preference_commands

            yield from knob_commands(self._session)
            if self._announcer is not None:
                yield from preference_commands(self._session, self._announcer, self._keep)
        yield SystemCommand("Theme", "Choose a theme.", self.action_change_theme)
        if self._attached:
            yield SystemCommand("Detach", "Exit; the run continues.", self.action_detach)

    def on_mount(self) -> None:
        if self._notice:
            self.notify(self._notice, severity="warning", timeout=WARNING_SECONDS, markup=False)
        if self.run_handle.role.attachable:
            sentence = self.keyboard.fill("This run is live. {attach} attaches to it.")
            self.notify(sentence, timeout=WARNING_SECONDS, markup=False)
        ScreenSignals(self).install()
        self.call_after_refresh(self._start)

    def action_show_summary(self) -> None:
        """Open the summary of the run."""
        state = self.state
        if state is not None and state.run is not None:
            from jem_tui.tui.screens.summary_screen import SummaryScreen

            leave = "back" if self.run_handle.role.from_browser else "quit"
            folder = Path(self._folder) if self._folder else None
            self.push_screen(SummaryScreen(state, state.run, folder, leave=leave))

    def action_draw(self) -> None:
        """Open the draw screen, or state why no drawing can be scored."""
        from jem_tui.tui.draw.open_draw_screen import open_draw_screen

        open_draw_screen(self, self._session, self.run_handle.drawing)

    def _start(self) -> None:
        """Start the worker after the first paint, and import the run screen meanwhile."""
        self.run_handle.start()
        from jem_tui.tui.screens.run_screen import RunScreen
        from jem_tui.tui.supervision.announcer import Announcer

        self._session = self.run_handle.open_session()
        self._session.confirmations.key_of = self.keyboard.written_key
        self._session.confirmations.before_restarts = (
            self._preferences.section("steering").get("ask_before_restarts") is True
        )
        self._announcer = Announcer(
            find_signals(os.environ), self._preferences.section("signals"), ascii_only=bool(self._glyphs)
        )
        self._run_screen = RunScreen(self._session, self.keyboard, self._preferences, self._run_dir)
        self._tick_every(LOADING_TICK, self._session, self._run_screen)

    def _tick_every(self, seconds: float, session: Session, run_screen: RunScreen) -> None:
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_interval(seconds, partial(self._tick, session, run_screen))

    def _tick(self, session: Session, run_screen: RunScreen) -> None:
        """Apply the events that have arrived, display the run, and handle its end or an overdue exit."""
        # Timers of an app still run while the widgets of its screens are removed
        if not self.is_running:
            return
        session.drain()
        state = session.state
        if state.run is None:
            self._loading_screen.show(state.loading, session.pending.word)
            self._loading_screen.show_output(state.console)
        # a screen above, such as the command palette, would be covered: it is left first
        elif not self.exit_request.waiting and self.screen is self._loading_screen:
            self._open_run_screen(session, run_screen)
        run_screen.tick()
        if self._announcer is not None and state.run is not None:
            self._announcer.announce(self._driver, state, Path(self._run_dir).name or self._label)
        if state.stopped is not None and self._ended is None:
            self._end_run(state, state.stopped, run_screen)
        elif self.exit_request.overdue:
            self.exit(session.stopped_by_timeout(self.exit_request.reason))

    def _open_run_screen(self, session: Session, run_screen: RunScreen) -> None:
        """Display the run in place of the loading screen, at first with more frequent ticks."""
        freeze_gc()
        self.push_screen(run_screen)
        self._displayed_at = monotonic()
        self._loading_screen.remove_children()
        if self._tour:
            run_screen.call_after_refresh(run_screen.action_tour, "start")
        self.set_timer(EAGER_SECONDS, partial(self._tick_every, TICK, session, run_screen))

    def _end_run(self, state: RunState, stopped: Stopped, run_screen: RunScreen) -> None:
        """Handle the end of the run, and open its summary if the user has watched the run for a while."""
        self._end(stopped, shown=state.run is not None)
        watched = self.screen is run_screen and monotonic() - self._displayed_at >= SUMMARY_SECONDS
        if watched and not self._exit:
            self.action_show_summary()
