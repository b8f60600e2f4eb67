"""The screen of a run, live or replayed."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from time import monotonic
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Static

from jem_tui.tui.charts.chart_settings import ChartSettings
from jem_tui.tui.help.explained_screen import REFUSAL_SECONDS
from jem_tui.tui.keys import COMMANDS, NEEDS, Need, bindings, bindings_of
from jem_tui.tui.keys.remap import Keyboard, keyboard_of
from jem_tui.tui.panes.key_footer import KeyFooter
from jem_tui.tui.panes.tab_bar import TabBar
from jem_tui.tui.panes.workspace import SIDE_BY_SIDE, Workspace
from jem_tui.tui.preferences.pane_layout import PANES, PaneLayout, PaneName
from jem_tui.tui.preferences.preferences import Preferences, SavePreferences
from jem_tui.tui.repaint.cpu_budget import AT_LEISURE, WHILE_TRAINING
from jem_tui.tui.repaint.fast_strips import blank_rows, is_unframed
from jem_tui.tui.repaint.scheduler import RepaintScheduler, is_on_screen
from jem_tui.tui.screens.guided_screen import GuidedScreen
from jem_tui.tui.screens.pane_registry import SAMPLES, PaneRegistry
from jem_tui.tui.screens.settings_screen import SettingsScreen
from jem_tui.tui.screens.size_classes import size_classes
from jem_tui.tui.state.copied_text import ChartCursor, Copied, copied_from
from jem_tui.tui.state.session import Session
from jem_tui.tui.tour.toured_panes import TouredPanes

MIN_WIDTH, MIN_HEIGHT = 60, 20
TALL, ROOMY, HIGH = 26, 34, 45
"""Minimum rows of a screen with a notes pane, with histograms and three rows of notes, and with more room for both."""


class RunScreen(GuidedScreen, inherit_bindings=False):
    """Header, panes, timeline, status line and footer."""

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(),
        # before the keys of panes, which use the same keys
        *(replace(binding, priority=True) for binding in bindings_of("tour")),
    ]
    HORIZONTAL_BREAKPOINTS: list[tuple[int, str]] = [  # noqa: RUF012
        (0, "-too-narrow"),
        (MIN_WIDTH, "-narrow"),
        (SIDE_BY_SIDE, "-wide"),
    ]
    VERTICAL_BREAKPOINTS: list[tuple[int, str]] = [  # noqa: RUF012
        (0, "-too-short"),
        (MIN_HEIGHT, "-short"),
        (TALL, "-tall"),
        (ROOMY, "-roomy"),
        (HIGH, "-high"),
    ]

    def __init__(self, session: Session, keyboard: Keyboard, preferences: Preferences, run_dir: str = "") -> None:
        """Display the run of `session`, whose folder is `run_dir` where that is known before the run starts."""
        super().__init__(session, keyboard)
        self._run_dir = run_dir
        self._offered: Hashable = None
        self._tab_bar = TabBar(id="tabs")
        self._panes = PaneRegistry(
            session, ChartSettings.read(preferences.section("curves")), lambda: self._scheduler.cost
        )
        layout = PaneLayout.read(preferences.section("layout"))
        workspace = Workspace(self._panes.by_name(), self._panes.comparison, self._tab_bar, layout)
        self.guide(TouredPanes(workspace, self._panes.charts, self._panes.samples))
        self._scheduler = RepaintScheduler(self._panes.scheduled())

    def compose(self) -> ComposeResult:
        # Before there are panes: each later change of a class computes the styles of all panes again
        self.update_classes(size_classes(self.app.size, self.HORIZONTAL_BREAKPOINTS, self.VERTICAL_BREAKPOINTS))
        panes = self._panes
        yield panes.header
        yield self._tab_bar
        yield self._workspace
        yield panes.timeline
        yield panes.status
        yield self._key_panel
        yield KeyFooter()
        yield Static(id="too-small")

    def on_resize(self, event: events.Resize) -> None:
        width, height = event.size
        note = f"too small: {width}×{height}, needs {MIN_WIDTH}×{MIN_HEIGHT}\nthe run continues, {{quit}} quits"
        self.query_one("#too-small", Static).update(keyboard_of(self.app).fill(note))
        self.refresh_bindings()
        self.call_after_refresh(self._draw_now)
        self.call_after_refresh(self._tour.point)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Render the background, which is blank unless the screen has a border or tint."""
        return blank_rows(self, crop) if is_unframed(self) else super().render_lines(crop)

    def tick(self) -> None:
        """Draw changed panes that are due, and request samples no faster than they can be drawn."""
        state = self._session.state
        if state.run is not None:
            self._scheduler.tick(state.run, WHILE_TRAINING if self._session.training else AT_LEISURE)
        self._workspace.fit_content(state.empty_panes, brief=state.console.is_brief, compared=bool(state.compared))
        offered = (state.paused, *(self.offers(need) for need in NEEDS.values()))
        if offered != self._offered:
            self._offered = offered
            self.update_classes({"-replay": self.offers("seek"), "-comparison": self.offers("runs")})
            self.refresh_bindings()
        if self._scheduler.wants(SAMPLES) or self._session.awaits_first_samples:
            self._session.request_samples(monotonic())
        self._session.request_chain_facts(self._panes.enlarged_state, monotonic())

    def offers(self, need: Need) -> bool:
        """Return whether keys with the condition `need` work now."""
        return self._session.can(need)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Return whether an action works now; keys of other actions are hidden."""
        if action == "send" and not self._session.accepts(COMMANDS[str(parameters[0])]):
            return False
        if action == "tour" and parameters != ("start",):
            return self.guides
        need = NEEDS.get((action, parameters))
        return need is None or self.offers(need)

    def copied(self) -> Copied:
        """Return the values of the focused pane, those of the curves at the cursor, or without a focus the path of the run."""
        viewport = self._panes.charts.viewport
        around = self.focused.ancestors_with_self if self.focused is not None else ()
        pane = next((str(node.id) for node in around if node.id in PANES), "")
        cursor = ChartCursor(viewport.settings.axis, viewport.cursor)
        # Of several runs, the leading one need not be the first, and states its folder
        run_dir = "" if len(self._session.comparison) else self._run_dir
        return copied_from(pane, cursor, self._session.state, run_dir)

    def draw_everything(self) -> None:
        """Draw all changed panes, due or not."""
        self._draw_now()

    def action_pause(self) -> None:
        """Pause the run, or resume it."""
        self._session.toggle_pause()
        self._draw_now()

    async def action_of_app(self, name: str) -> None:
        """Run an action of the app, for a key that is offered under a condition."""
        await self.run_action(f"app.{name}")

    def action_send(self, key_id: str) -> None:
        """Send the command of a key to the source."""
        self._session.send(COMMANDS[key_id])
        self._draw_now()

    def action_show_settings(self) -> None:
        """Open the settings of the run."""
        self.app.push_screen(SettingsScreen(self._session))

    def action_reseed_chosen(self) -> None:
        """Restart the chosen chain."""
        self._session.reseed_chains(self._panes.selection.row)
        self._draw_now()

    def on_samples_pane_chain_selected(self) -> None:
        self._draw_now()

    def action_next_pictures(self) -> None:
        """Show the images of the next tag of another program's log."""
        self._session.next_pictures()
        self._draw_now()

    def action_curves(self, name: str, *parameters: object) -> None:
        """Run an action of the charts pane."""
        if self._reveal("curves"):
            self._act_on(self._panes.charts, name, parameters)

    def action_samples(self, name: str, *parameters: object) -> None:
        """Run an action of the samples pane and of the samples of all compared runs."""
        if self._reveal("samples"):
            for pane in (self._panes.samples, *self._panes.comparison.gallery.panes):
                self._act_on(pane, name, parameters)

    def action_timeline(self, name: str, *parameters: object) -> None:
        """Run an action of the timeline."""
        self._act_on(self._panes.timeline, name, parameters)

    def on_run_list_selection_changed(self) -> None:
        self._draw_now()

    def action_workspace(self, name: str, *parameters: object) -> None:
        """Run an action of the workspace, whose panes a maximized panel or an enlarged chain would hide."""
        self._restore_panes()
        getattr(self._workspace, f"action_{name}")(*parameters)
        self.call_after_refresh(self._draw_now)

    def action_release(self) -> None:
        """Remove the focus from the panes."""
        self.set_focus(None)

    def on_save_preferences(self, event: SavePreferences) -> None:
        if self._tour.trying:
            event.stop()
        self.call_after_refresh(self._draw_now)

    def _reveal(self, name: PaneName) -> bool:
        """Show the pane of a key that has been pressed; where the run has no content for it, display that and return False."""
        if self.has_class("-too-narrow") or self.has_class("-too-short"):
            return False
        if name in self._session.state.empty_panes and name not in self._workspace.shown:
            self.notify(f"This run has no {name}.", timeout=REFUSAL_SECONDS, markup=False)
            return False
        if not is_on_screen(self._workspace.place(name)):
            self._restore_panes()
            self._workspace.reveal(name)
        return True

    def _restore_panes(self) -> None:
        """Restore the size of a maximized panel and of an enlarged chain."""
        if self._panes.charts.viewport.maximized:
            self._panes.charts.action_full()
        if self._panes.samples.enlarged:
            self._panes.samples.action_enlarge()

    def _act_on(self, pane: Widget, name: str, parameters: tuple[object, ...]) -> None:
        getattr(pane, f"action_{name}")(*parameters)
        self._draw_now()

    def _draw_now(self) -> None:
        run = self._session.state.run
        if run is not None:
            self._scheduler.draw_now(run)
