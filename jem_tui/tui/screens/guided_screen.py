"""Guidance on the screen of a run: keys that work now, reasons why others do not, help, and the tour."""

from __future__ import annotations

from textual import events
from textual.binding import ActiveBinding
from textual.screen import Screen
from textual.widgets import Input

from jem_tui.tui.help.curve_help import curve_help
from jem_tui.tui.help.explained_screen import ExplainedScreen
from jem_tui.tui.help.help_entry import HelpPage
from jem_tui.tui.help.help_pages import help_pages, run_display
from jem_tui.tui.help.help_panel import HelpPanel
from jem_tui.tui.keys import Key
from jem_tui.tui.keys.remap import Keyboard, keyboard_of
from jem_tui.tui.panes.key_panel import KeyPanel
from jem_tui.tui.panes.workspace import Workspace
from jem_tui.tui.screens.offered_keys import OfferedKeys, focused_pane
from jem_tui.tui.state.refused_keys import why_refused
from jem_tui.tui.state.session import Session
from jem_tui.tui.tour.tour_guide import TourGuide
from jem_tui.tui.tour.toured_panes import TouredPanes


class GuidedScreen(ExplainedScreen, Screen[None], inherit_bindings=False):
    """A screen of panes that explains itself. A subclass creates the panes and calls `guide`."""

    _workspace: Workspace
    _tour: TourGuide

    def __init__(self, session: Session, keyboard: Keyboard) -> None:
        super().__init__()
        self._session = session
        self._keys = OfferedKeys(session, keyboard)
        self._key_panel = KeyPanel(markup=False)

    def guide(self, panes: TouredPanes) -> None:
        """Prepare to explain the panes of a workspace."""
        self._workspace = panes.workspace
        self._tour = TourGuide(self, self._session, panes)

    def keys(self) -> list[Key]:
        """Return the keys that work now, with words that fit the state of the run."""
        unused = self._session.state.empty_panes.difference(self._workspace.shown)
        return [
            key
            for key in self._keys.working()
            if key.focus not in unused and (key.focus != "tour" or self._tour.running)
        ]

    @property
    def active_bindings(self) -> dict[str, ActiveBinding]:
        """Bindings with words that fit the state of the run, those of the focused pane first."""
        return self._keys.in_order(super().active_bindings)

    @property
    def guides(self) -> bool:
        """True while the keys of the tour work, which replace those of panes."""
        return self._tour.running and not isinstance(self.focused, Input | HelpPanel)

    def key_pressed(self, event: events.Key, name: str | None) -> None:
        """Close the panel of keys, and follow a key that may do the task of the tour."""
        if self._key_panel.display and name != "keys":
            self._key_panel.close()
            if event.key == "escape":
                event.stop()
                return
        self._tour.pressed(name)

    def refusal(self, pressed: str) -> str:
        """Return why the key `pressed` does nothing in the current state of the run."""
        return why_refused(pressed, self._keys.table, self._session)

    def on_screen_suspend(self) -> None:
        """Close the panel of keys when a dialog or the palette opens."""
        self._key_panel.close()

    def action_show_keys(self) -> None:
        """List the keys that work now until the next key, or close that list."""
        if self._key_panel.display:
            self._key_panel.close()
            return
        keys = self._keys.listed(self.active_bindings)
        self._key_panel.open(keys, focused_pane(keys))

    def pages(self) -> tuple[HelpPage, ...]:
        """Return the pages of the help, whose first page has the keys of the focused pane."""
        run = self._session.state.run
        display = run_display(
            curve_help(self, self._session),
            attached=self._session.role.attachment is not None,
            watched=run is not None and run.watched,
        )
        focus = focused_pane(self._keys.listed(self.active_bindings))
        return help_pages(self.keys(), self._keys.table, focus, display)

    def action_tour(self, name: str) -> None:
        """Start the tour, move in it, or end it."""
        if name == "start":
            self._tour.start(keyboard_of(self.app))
        elif name == "end":
            self._tour.end()
        else:
            self._tour.move(1 if name == "next" else -1)
