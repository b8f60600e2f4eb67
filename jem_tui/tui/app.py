"""The terminal application: shows a run, passes keys on, and ends when the run and the user have ended.

At import this needs Textual and little more; events and numpy come after the first paint, torch on the worker's thread.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, ClassVar

from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.driver import Driver
from textual.filter import LineFilter
from textual.messages import ExitApp
from textual.screen import Screen
from textual.theme import ThemeProvider
from textual.timer import Timer

from jem_tui.errors import InputError, Reason
from jem_tui.tui.garbage import settle_garbage
from jem_tui.tui.keys import KEYS
from jem_tui.tui.keys.remap import remapped
from jem_tui.tui.lasting_driver import lasting
from jem_tui.tui.palette import Commands
from jem_tui.tui.picture_file import save_picture
from jem_tui.tui.preferences import Preferences
from jem_tui.tui.remember import Remember
from jem_tui.tui.screens.failure import TITLES, FailureScreen
from jem_tui.tui.screens.help import HelpScreen
from jem_tui.tui.screens.loading import LoadingScreen
from jem_tui.tui.screens.palette import PaletteScreen
from jem_tui.tui.screens.quit import Choice, QuitScreen
from jem_tui.tui.signals import catch_signals
from jem_tui.tui.theme import following, set_up_themes, tones

if TYPE_CHECKING:
    from jem_tui.events import Stopped
    from jem_tui.stream.drive import OpenSource, Sink
    from jem_tui.tui.graphics import Graphics
    from jem_tui.tui.screens.run import RunScreen
    from jem_tui.tui.session import Session
    from jem_tui.tui.state import RunState

TICK, LOADING_TICK = 1 / 15, 1 / 60
"""Seconds between two looks at what the worker sent: while there is a run, and while everybody waits for it."""
COMPLAINT_SECONDS = 12.0
PATIENCE = 2.0
"""Seconds that the worker gets to end at once."""


class JemApp(App["Stopped"]):
    """Runs a source on a worker thread and shows it; `run` returns how the run ended."""

    TITLE = "jem-tui"
    CSS_PATH = "app.tcss"
    COMMANDS: ClassVar = {Commands}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c", "interrupt", "quit", id="interrupt", tooltip="Quit, or at once.", show=False, priority=True)
    ]

    def __init__(
        self,
        open_source: OpenSource,
        record: Sink,
        *,
        label: str,
        run_dir: str = "",
        preferences: Preferences | None = None,
        glyphs: Sequence[LineFilter] = (),
        graphics: Graphics | None = None,
    ) -> None:
        """`open_source` builds the source on the worker's thread, `record` sees every event there first.

        `label` and `run_dir` say on the loading screen what is going to run and where it is kept. `preferences` are remembered where
        they are given; `glyphs` change what is drawn into what the terminal can show; `graphics` is how it shows pixels, if it does.
        """
        self._glyphs = tuple(glyphs)
        self.graphics = graphics
        super().__init__()
        self._preferences = preferences or Preferences()
        set_up_themes(self, self._preferences.section("screen").get("theme"))
        self._keyboard = remapped(KEYS, self._preferences.section("keys"))
        self._open_source, self._record = open_source, record
        self._run_dir = run_dir
        self._loading_screen = LoadingScreen(label, run_dir)
        self._session: Session | None = None
        self._run_screen: RunScreen | None = None
        self._timer: Timer | None = None
        self._ended: Stopped | None = None
        self._leaving = False
        self._deadline = float("inf")
        self._reason: Reason = "stopped"

    @property
    def state(self) -> RunState | None:
        """What the screen shows; None before there is a screen."""
        return self._session.state if self._session is not None else None

    def get_default_screen(self) -> Screen[None]:
        return self._loading_screen

    def get_driver_class(self) -> type[Driver]:
        """What draws on the terminal, even if that goes away."""
        return lasting(super().get_driver_class())

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        yield SystemCommand("Theme", "Change the colours.", self.action_change_theme)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """The colours of curves, under themes of others, too."""
        return tones(self.current_theme)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """What every row goes through on its way to the terminal."""
        return (*super().get_line_filters(), *self._glyphs)

    def on_mount(self) -> None:
        self.theme_changed_signal.subscribe(self, lambda theme: self._keep("screen", {"theme": theme.name}))
        self.set_keymap(dict(self._keyboard.changed))
        for complaint in filter(None, (self._preferences.note, *self._keyboard.complaints)):
            self.notify(complaint, severity="warning", timeout=COMPLAINT_SECONDS, markup=False)
        catch_signals(self._signalled, self.on_hung_up)
        self.call_after_refresh(self._start)

    def on_unmount(self) -> None:
        if self._session is not None:
            self._session.close(max(0.0, min(PATIENCE, self._deadline - monotonic())))

    async def action_quit(self) -> None:
        """Leave at once if nothing can be lost, else ask."""
        self._quit("stopped")

    def action_interrupt(self) -> None:
        """Quit; the second time without asking and at once."""
        if self._leaving or isinstance(self.screen, QuitScreen):
            self._leave(save=False, reason="interrupted")
        else:
            self._quit("interrupted")

    def action_help(self) -> None:
        """Explain the keys that work now."""
        if self._run_screen is not None:
            self.push_screen(HelpScreen(self._run_screen.keys()))

    def action_command_palette(self) -> None:
        """Search all commands."""
        if not isinstance(self.screen, PaletteScreen):
            self.push_screen(PaletteScreen(id="--command-palette"))

    def search_themes(self) -> None:
        """Search the themes."""
        self.push_screen(PaletteScreen(providers=[ThemeProvider], placeholder="Search for themes…"))

    def action_next_theme(self) -> None:
        """Go on to the next of the program's own themes."""
        self.theme = following(self.theme)

    def action_picture(self) -> None:
        """Save the screen as an SVG file, and say where."""
        run = self.state.run if self.state is not None else None
        self.notify(save_picture(self.export_screenshot(), self._run_dir, run.step if run else 0), markup=False)

    def on_exit_app(self, event: ExitApp) -> None:
        """The browser tab was closed: save first, as for a signal."""
        if not self._leaving and self._ended is None and self._session is not None and self._session.at_risk:
            event.prevent_default()
            self._signalled()

    def on_hung_up(self) -> None:
        """The terminal is gone, which is told twice: save and leave."""
        if not self._leaving:
            self._signalled()

    def on_remember(self, event: Remember) -> None:
        self._keep(event.section, event.settings)

    def _keep(self, section: str, settings: Mapping[str, object]) -> None:
        """Remember settings; if that fails, say so once."""
        try:
            self._preferences.keep(section, settings)
        except InputError as error:
            self.notify(str(error), severity="warning", timeout=COMPLAINT_SECONDS, markup=False)

    def _start(self) -> None:
        """Let the worker begin, now that something is on the screen, and meanwhile import what the run screen needs."""
        from jem_tui.tui.worker import Worker

        worker = Worker(self._open_source, self._record)
        worker.start()
        from jem_tui.tui.screens.run import RunScreen
        from jem_tui.tui.session import Session

        self._session = Session(worker)
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
            self._loading_screen.show(state.loading, session.asked.word)
        elif not self._leaving and run_screen not in self.screen_stack:
            settle_garbage()
            self.push_screen(run_screen)
            self._loading_screen.remove_children()
            self._tick_every(TICK, session, run_screen)
        run_screen.tick()
        if state.stopped is not None and self._ended is None:
            self._end(state.stopped, shown=state.run is not None)
        elif monotonic() > self._deadline:
            self.exit(session.left_behind(self._reason))

    def _end(self, stopped: Stopped, *, shown: bool) -> None:
        """The run is over: leave if that is what was waited for, else say how it ended and stay."""
        self._ended = stopped
        if self._leaving:
            self.exit(stopped)
            return
        if isinstance(self.screen, QuitScreen):
            self.screen.dismiss("cancel")
        if stopped.reason in TITLES:
            hint = "esc closes this panel, then q leaves" if shown else "esc or q leaves"
            panel = FailureScreen(stopped, self._run_dir if shown else "", hint)
            self.push_screen(panel, lambda _: None if shown else self.exit(stopped))

    def _quit(self, reason: Reason) -> None:
        if self._ended is not None or self._session is None:
            self.exit(self._ended)
        elif not self._session.at_risk:
            self._leave(save=False, reason=reason)
        elif not isinstance(self.screen, QuitScreen):
            title = "Stopping: the checkpoint is not written yet" if self._leaving else "Training runs. Leave?"
            self.push_screen(QuitScreen(title), partial(self._chosen, reason))

    def _chosen(self, reason: Reason, choice: Choice | None) -> None:
        if choice in ("save", "now") and self._ended is None:
            self._leave(save=choice == "save", reason=reason)

    def _leave(self, *, save: bool, reason: Reason) -> None:
        """Stop the source and leave when it has stopped; without a checkpoint to wait for, in `PATIENCE` seconds at most."""
        if self._session is None or self._ended is not None:
            self.exit(self._ended)
            return
        self._leaving = True
        self._reason = reason
        self._session.stop(save=save, reason=reason)
        if not save:
            self._deadline = min(self._deadline, monotonic() + PATIENCE)

    def _signalled(self) -> None:
        """A signal saves and leaves, a second one leaves at once."""
        at_risk = self._session is not None and self._session.at_risk
        self._leave(save=at_risk and not self._leaving, reason="interrupted")
