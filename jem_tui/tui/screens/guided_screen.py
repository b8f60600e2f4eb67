"""Guidance on the screen of a run: keys that work now, reasons why others do not, help, and the tour."""

from __future__ import annotations

from textual import events
from textual.binding import ActiveBinding
from textual.screen import Screen
from textual.widgets import Input

from jem_tui.tui.help.curve_help import curve_help
from jem_tui.tui.help.help_pages import help_pages
from jem_tui.tui.help.help_panel import HelpPanel
from jem_tui.tui.keys import Key
from jem_tui.tui.keys.key_panel import KeyPanel
from jem_tui.tui.keys.remap import Keyboard, keyboard_of
from jem_tui.tui.panes.workspace import Workspace
from jem_tui.tui.screens.offered_keys import OfferedKeys, focused_pane
from jem_tui.tui.state.session import Session
from jem_tui.tui.supervision.steady_screen import SteadyScreen
from jem_tui.tui.tour.tour_guide import SKIPPED, TourGuide

REFUSAL_SECONDS = 4.0
"""Seconds that the reason stays for which a key does nothing."""


class GuidedScreen(SteadyScreen, Screen[None], inherit_bindings=False):
    """A screen of panes that explains itself. A subclass creates the panes and calls `guide`."""

    _workspace: Workspace
    _tour: TourGuide

    def __init__(self, session: Session, keyboard: Keyboard) -> None:
        super().__init__()
        self._session = session
        self._keys = OfferedKeys(session, keyboard)
        self._key_panel = KeyPanel(markup=False)

    def guide(self, workspace: Workspace) -> None:
        """Prepare to explain the panes in `workspace`."""
        self._workspace = workspace
        self._tour = TourGuide(self, workspace)

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

    def on_key(self, event: events.Key) -> None:
        """Close the panel of keys, and display why a key does nothing now."""
        active = self.active_bindings.get(event.key)
        if self._key_panel.display and (active is None or active.binding.id != "keys"):
            self._key_panel.close()
            if event.key == "escape":
                event.stop()
                return
        self._tour.pressed(active.binding.id if active is not None else None)
        reason = "" if active is not None else self._keys.refusal(event.key)
        if reason:
            self.notify(reason, timeout=REFUSAL_SECONDS, markup=False)

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

    async def action_show_help(self) -> None:
        """Open the help, whose first page has the keys of the focused pane."""
        if self.query(HelpPanel):
            return
        run, offered = self._session.state.run, self.keys()
        pages = help_pages(
            offered,
            self._keys.table,
            focused_pane(self._keys.listed(self.active_bindings)),
            curve_help(self, self._session),
            attached=self._session.attachment is not None,
            watched=run is not None and run.watched,
        )
        fill = keyboard_of(self.app).fill
        await self.mount(HelpPanel([page.filled(fill) for page in pages], self.focused))

    def action_open_help_page(self, number: int) -> None:
        """Open a page of the help, for a click on its tab."""
        self.query_one(HelpPanel).action_open(number)

    def action_tour(self, name: str) -> None:
        """Start the tour, move in it, or end it."""
        if name == "start":
            self._tour.start(keyboard_of(self.app), live=self._session.can("reseed"))
        elif name == "end":
            self._tour.end(SKIPPED)
        else:
            self._tour.move(1 if name == "next" else -1)
