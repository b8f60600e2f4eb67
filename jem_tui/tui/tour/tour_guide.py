"""The tour on a screen: shows the pane of each step, points at it, and follows the user's keys."""

from __future__ import annotations

from collections.abc import Callable

from textual.css.query import NoMatches
from textual.screen import Screen
from textual.widget import Widget

from jem_tui.tui.keys.remap import Keyboard, keyboard_of
from jem_tui.tui.state.session import Session
from jem_tui.tui.tour.tour import Tour
from jem_tui.tui.tour.tour_panel import TourPanel
from jem_tui.tui.tour.tour_steps import CLOSING, CLOSING_RECORDING, TourStep, tour_steps
from jem_tui.tui.tour.toured_panes import TouredPanes

TOURED, RUNNING = "-toured", "-touring"
"""CSS classes of the pane that the tour explains, and of the screen during the tour."""
BADGE_COLUMN = 6
"""Column below the badge of the header, which displays a pause."""
SKIPPED = "The tour has ended. {tour} starts it again, {help} explains the keys."
RESUMED, REPLAYED = "The pause has ended.", "The recording plays again."
AT_END = "The recording is now at its last step."
SECONDS = 5.0
"""Seconds that the notice after an unfinished tour stays."""


class TourGuide:
    """Starts, moves and ends the tour of a screen."""

    def __init__(self, screen: Screen[None], session: Session, panes: TouredPanes) -> None:
        self._screen = screen
        self._session = session
        self._panes = panes
        self._workspace = panes.workspace
        self._panel: TourPanel | None = None
        self._restore: Callable[[], None] | None = None
        """Restores what the tasks of the tour have changed; None once that is done."""

    @property
    def running(self) -> bool:
        """True while the panel of the tour is on the screen."""
        return self._panel is not None

    @property
    def trying(self) -> bool:
        """True while changes of settings are temporary, because the end of the tour undoes them."""
        return self._restore is not None

    def start(self, keyboard: Keyboard) -> None:
        """Begin the tour with its first step, below the panes; `keyboard` has the keys that its sentences name."""
        self._undo_tries()
        live, histograms = self._session.can("reseed"), "distributions" in self._workspace.shown
        steps = tour_steps(live=live, with_histograms=histograms, one_panel=self._panes.cramped)
        tour = Tour(steps, CLOSING if live else CLOSING_RECORDING)
        if self._panel is None:
            self._panel = TourPanel(tour, keyboard)
            self._screen.mount(self._panel, after=self._workspace)
            self._screen.add_class(RUNNING)
        self._panel.tour = tour
        self._show()

    def end(self) -> None:
        """Remove the panel at any step; before the closing page, display how to start again."""
        if self._panel is None:
            return
        complete = self._panel.tour.complete
        self._panel.remove()
        self._screen.remove_class(RUNNING)
        self._panel = None
        self._mark(None)
        self._undo_tries()
        if not complete:
            self._screen.notify(keyboard_of(self._screen.app).fill(SKIPPED), timeout=SECONDS, markup=False)

    def move(self, by: int) -> None:
        """Move to the next page or the previous one; after the closing page, end the tour."""
        if self._panel is None:
            return
        if self._panel.tour.move(by):
            self._show()
        else:
            self.end()

    def pressed(self, name: str | None) -> None:
        """Follow a key that the user has pressed, which may do the task of the step."""
        if self._panel is not None and self._panel.tour.pressed(name or ""):
            self._panel.show_step()
            self._screen.call_after_refresh(self.point)

    def point(self) -> None:
        """Point at the pane of the step, wherever it is now."""
        if self._panel is None:
            return
        place, named = self._place(), self._panel.tour.step.place
        shown = place is not None and place.is_on_screen and place.size.width > 0
        region = place.region if place is not None and shown else self._screen.region
        column = BADGE_COLUMN if named == "header" else region.x + region.width // 2
        self._panel.point_at(column if named else -1)
        self._mark(place)

    def _show(self) -> None:
        """Display the current page, after bringing the screen and the run into the state that it describes."""
        if self._panel is None:
            return
        tour, step = self._panel.tour, self._panel.tour.step
        if tour.complete:
            self._undo_tries()
        elif self._restore is None:
            self._restore = self._panes.remember()
        if step.place == "header":
            tour.task_done = self._pauses
        elif step.place and f"pane-{step.place}" not in step.keys:
            self._workspace.reveal(step.place)
        tour.notice = self._start_step(step)
        self._panel.show_step()
        self._screen.call_after_refresh(self.point)

    @property
    def _pauses(self) -> bool:
        """True if the run is paused or about to be."""
        pending = self._session.pending.pause
        return self._session.state.paused if pending is None else pending

    def _start_step(self, step: TourStep) -> str:
        """Bring the run into the state in which `step` starts; return a sentence about the change, "" without one."""
        session, run = self._session, self._session.state.run
        if step.starts == "playing" and self._pauses and session.can("pause") and not session.at_end_of_recording:
            session.toggle_pause()
            return RESUMED
        if step.place == "header" and session.at_end_of_recording:
            session.toggle_pause()
            return REPLAYED
        unknown = run is not None and (run.energies is None or run.assessment is None)
        if step.starts == "evaluated" and unknown and session.can("seek"):
            session.replay_controls.seek(session.replay_controls.span[1])
            return AT_END
        return ""

    def _undo_tries(self) -> None:
        """Restore what the tasks have changed."""
        if self._restore is not None:
            self._restore()
            self._restore = None

    def _place(self) -> Widget | None:
        """Return the widget that the current step explains; None without a step or such a widget."""
        if self._panel is None or not self._panel.tour.step.place:
            return None
        try:
            return self._screen.query_one(f"#{self._panel.tour.step.place}")
        except NoMatches:
            return None

    def _mark(self, place: Widget | None) -> None:
        """Give the frame of `place` alone the colour of the tour."""
        for widget in self._screen.query(f".{TOURED}"):
            if widget is not place:
                widget.remove_class(TOURED)
        if place is not None:
            place.add_class(TOURED)
