"""The tour on a screen: shows the pane of each step, points at it, and follows the user's keys."""

from __future__ import annotations

from textual.css.query import NoMatches
from textual.screen import Screen
from textual.widget import Widget

from jem_tui.tui.keys.remap import Keyboard, keyboard_of
from jem_tui.tui.panes.workspace import Workspace
from jem_tui.tui.tour.tour import Tour
from jem_tui.tui.tour.tour_panel import TourPanel
from jem_tui.tui.tour.tour_steps import tour_steps

TOURED, RUNNING = "-toured", "-touring"
"""CSS classes of the pane that the tour explains, and of the screen during the tour."""
BADGE_COLUMN = 6
"""Column below the badge of the header, which displays a pause."""
AFTERWARDS = "The tour is complete. {help} explains every key and symbol, {tour} starts the tour again."
AFTER_RECORDING = (
    "The tour is complete. Next, train a model: in a run of jem-tui train, {tour} takes the tour again, with chains that you can "
    "restart. {help} explains every key and symbol."
)
SKIPPED = "The tour has ended. {tour} starts it again, {help} explains the keys."
SECONDS = 10.0
"""Seconds that the notice after the tour stays."""


class TourGuide:
    """Starts, moves and ends the tour of a screen."""

    def __init__(self, screen: Screen[None], workspace: Workspace) -> None:
        self._screen = screen
        self._workspace = workspace
        self._panel: TourPanel | None = None
        self._afterwards = ""

    @property
    def running(self) -> bool:
        """True while the panel of the tour is on the screen."""
        return self._panel is not None

    def start(self, keyboard: Keyboard, *, live: bool) -> None:
        """Begin the tour with its first step, below the panes; `keyboard` has the keys that its sentences name."""
        self._afterwards = AFTERWARDS if live else AFTER_RECORDING
        tour = Tour(tour_steps(live=live, with_histograms="distributions" in self._workspace.shown))
        if self._panel is None:
            self._panel = TourPanel(tour, keyboard)
            self._screen.mount(self._panel, after=self._workspace)
            self._screen.add_class(RUNNING)
        self._panel.tour = tour
        self._show()

    def end(self, notice: str) -> None:
        """Remove the panel, at any step, and display `notice`."""
        if self._panel is not None:
            self._panel.remove()
            self._screen.remove_class(RUNNING)
            self._panel = None
            self._mark(None)
            self._screen.notify(keyboard_of(self._screen.app).fill(notice), timeout=SECONDS, markup=False)

    def move(self, by: int) -> None:
        """Move to the next step or the previous one; after the last step, end the tour and display what follows."""
        if self._panel is None:
            return
        if self._panel.tour.move(by):
            self._show()
        else:
            self.end(self._afterwards)

    def pressed(self, name: str | None) -> None:
        """Follow a key that the user has pressed, which may do the task of the step."""
        if self._panel is not None and self._panel.tour.pressed(name or ""):
            self._panel.show_step()
            self._screen.call_after_refresh(self.point)

    def point(self) -> None:
        """Point at the pane of the step, wherever it is now."""
        if self._panel is None:
            return
        place = self._place()
        shown = place is not None and place.is_on_screen and place.size.width > 0
        region = place.region if place is not None and shown else self._screen.region
        middle = region.x + region.width // 2
        self._panel.point_at(BADGE_COLUMN if self._panel.tour.step.place == "header" else middle)
        self._mark(place)

    def _show(self) -> None:
        panel = self._panel
        if panel is None:
            return
        step = panel.tour.step
        if step.place != "header" and f"pane-{step.place}" not in step.keys:
            self._workspace.reveal(step.place)
        panel.show_step()
        self._screen.call_after_refresh(self.point)

    def _place(self) -> Widget | None:
        """Return the widget that the current step explains; None without a step or such a widget."""
        if self._panel is None:
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
