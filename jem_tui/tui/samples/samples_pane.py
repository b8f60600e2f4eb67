"""Pane of the chains of the replay buffer, or of the pictures of a foreign log."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.content import Content
from textual.message import Message

from jem_tui.events.chain_facts import ChainState
from jem_tui.events.recording import Picture
from jem_tui.raster.tiles.class_names import known_classes
from jem_tui.raster.tiles.grid import find_neighbour
from jem_tui.raster.tiles.tile_frame import tile_at
from jem_tui.tui.keys import bindings_of
from jem_tui.tui.keys.remap import keyboard_of
from jem_tui.tui.repaint.containment import contain_failures
from jem_tui.tui.samples.chain_on_screen import ChainOnScreen
from jem_tui.tui.samples.chain_order import ChainOrder, take_chains
from jem_tui.tui.samples.chain_selection import ChainSelection
from jem_tui.tui.samples.enlarged_chain import EnlargedChain
from jem_tui.tui.samples.real_images_view import RealImagesView, draw_images
from jem_tui.tui.samples.samples_titles import Drawing, reason_without_samples, titles
from jem_tui.tui.samples.tile_grid import TileGrid
from jem_tui.tui.state.chain_requests import ChainRequests
from jem_tui.tui.state.run_state import RunView

FULL = "-full-samples"
"""CSS class of the screen while the selected chain fills it."""
DOUBLE = 2
"""Number of clicks in a row that enlarge a tile."""
ENLARGED = "-enlarged"
"""CSS class of the pane while it displays one chain."""


@contain_failures
class SamplesPane(Container, can_focus=True):
    """Pane with a grid of tiles, which its border describes."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("samples")]

    def __init__(
        self, selection: ChainSelection | None = None, *, id: str | None = None, classes: str | None = None
    ) -> None:
        """Create the pane; the arrow keys change `selection`."""
        super().__init__(id=id, classes=classes)
        self.selection = selection or ChainSelection()
        self.chain_order = ChainOrder()
        self.enlarged = False
        """True if the selected chain is displayed alone."""
        self.heading: Content | None = None
        """Title that names the run where runs are compared; None for a title that describes the samples."""
        self._rows: list[int] = []
        """Displayed rows of the samples in order."""
        self._run: RunView | None = None
        self.compared = False
        """True if training images are displayed next to the samples."""
        self.requests: ChainRequests | None = None
        """Facts about the enlarged chain; None where nothing answers."""
        self._step: int | None = None
        """Step of the displayed state of the enlarged chain; None for the newest."""

    def compose(self) -> ComposeResult:
        yield TileGrid(id="grid")

    @property
    def grid(self) -> TileGrid:
        return self.query_one(TileGrid)

    def action_pictures(self) -> None:
        """Switch the encoding of the tiles."""
        self.grid.cycle_encoding()

    def action_choose(self, right: int, down: int) -> None:
        """Select the next tile in a direction, or the previous or next chain while one is enlarged."""
        rows = self._rows
        if self.enlarged and down and self._on_screen is not None and self._on_screen.film is not None:
            self._step = self._on_screen.step_by(down)
        elif self.enlarged:
            self.selection.move(right + down, rows)
            self._step = None
        elif self.grid.shown:
            layout = self.grid.scaled_layout[1]
            shown = [rows[place] for place in layout.chosen]
            known = self.selection.row in shown
            at = find_neighbour(layout.corners, shown.index(self.selection.row), right, down) if known else 0
            self.selection.row = shown[at]
        self._redraw()

    def action_zoom(self, sizes: int) -> None:
        """Enlarge the tiles by `sizes` sizes."""
        self.grid.zoom_by(sizes)
        self._redraw()

    def action_classes(self) -> None:
        """Switch between one row for each class and one grid."""
        self.grid.by_class = not self.grid.by_class
        self._redraw()

    def action_enlarge(self) -> None:
        """Enlarge the selected chain to the whole screen, or restore the grid."""
        self.enlarged, self._step = not self.enlarged, None
        self.screen.set_class(self.enlarged, FULL)
        self.set_class(self.enlarged, ENLARGED)
        if self.enlarged and not self.query(EnlargedChain):
            self.mount(EnlargedChain())
        self._redraw()
        self.call_after_refresh(self._redraw)

    def action_back(self) -> None:
        """Restore the grid, else leave the pane."""
        if self.enlarged:
            self.action_enlarge()
        else:
            self.screen.set_focus(None)

    def action_sort(self) -> None:
        """Select the next sort order."""
        self.chain_order.cycle_order()
        self._redraw()

    def action_filter(self) -> None:
        """Filter by the next class."""
        if self._run is not None and self._run.samples is not None:
            names, predicted = self._run.info.class_names, self._run.samples.predicted
            self.chain_order.cycle_class(known_classes(names, predicted))
            self._redraw()

    def action_compare(self) -> None:
        """Display training images of the same classes next to the samples, or the samples alone."""
        self.compared = not self.compared
        self._redraw()
        self.call_after_refresh(self._redraw)

    def action_pin(self) -> None:
        """Pin or unpin the selected chain."""
        self.chain_order.pin(self.selection.row)
        self._redraw()

    def on_click(self, event: events.Click) -> None:
        """Select the clicked tile; a second click at once enlarges it, or restores the grid."""
        if self.enlarged:
            self._click_enlarged(event)
            return
        at, layout = event.get_content_offset(self.grid), self.grid.scaled_layout[1] if self._rows else None
        found = None if at is None or layout is None else tile_at(layout, at.y, at.x)
        if found is None or layout is None:
            return
        event.stop()
        self.selection.row = self._rows[layout.chosen[found]]
        if event.chain == DOUBLE:
            self.action_enlarge()
        else:
            self._redraw()

    def _click_enlarged(self, event: events.Click) -> None:
        """Display the clicked state of the film; a double click on the chain restores the grid."""
        view, shown = self._view, self._on_screen
        if view is None or shown is None:
            return
        step = view.step_at(event, shown)
        if step is not None and shown.film is not None:
            self._step = step if step != shown.film.steps[-1] else None
            self._redraw()
        elif event.chain == DOUBLE and event.get_content_offset(view.state) is not None:
            self.action_enlarge()

    @property
    def _view(self) -> EnlargedChain | None:
        """The view of the enlarged chain; None before the first one."""
        return next(iter(self.query(EnlargedChain)), None)

    @property
    def _on_screen(self) -> ChainOnScreen | None:
        """The enlarged chain with the facts that are known about it; None without samples."""
        run, row, requests = self._run, self.selection.row, self.requests
        if run is None or run.samples is None or not len(run.samples.tiles):
            return None
        film = run.film_store.film(run.samples, row) if run.live else None if requests is None else requests.film(row)
        return ChainOnScreen(run=run, row=row, film=film, requests=requests, step=self._step)

    @property
    def enlarged_state(self) -> ChainState | None:
        """The displayed state of the enlarged chain; None while no chain is enlarged."""
        return self._on_screen.state_of_chain if self.enlarged and self._on_screen is not None else None

    def watch_has_focus(self, has_focus: bool) -> None:
        super().watch_has_focus(has_focus)
        self._redraw()

    def on_resize(self) -> None:
        if self._run is not None:
            self.describe(self._run)

    def on_blur(self) -> None:
        if self.enlarged:
            self.action_enlarge()

    class ChainSelected(Message):
        """Another chain has been selected, or the selected one is displayed differently."""

    def show(self, run: RunView, *, still: bool | None = None) -> None:
        """Draw the newest samples of `run`; `still` is whether they will stay for a while, None leaves that unchanged."""
        self._run, samples = run, run.samples
        self.grid.still = self.grid.still if still is None else still
        empty = reason_without_samples(run)
        if samples is None or (isinstance(samples, Picture) and samples.flaw):
            self._rows = []
            self.grid.show(None, run.info.class_names, empty)
            return
        self.selection.limit(len(samples.tiles))
        rows = self.chain_order.rows(samples)
        compared = self.compared and not self.enlarged and not run.foreign
        draw_images(self, samples if compared else None, rows, run)
        self._rows = [] if compared else rows.tolist()
        if compared:
            return
        if self.enlarged and self._on_screen is not None:
            if self._view is not None:
                self._view.show(self._on_screen)
            return
        marked = self._rows.index(self.selection.row) if self.has_focus and self.selection.row in self._rows else None
        self.grid.show(take_chains(samples, rows), run.info.class_names, empty, marked)

    def describe(self, run: RunView) -> None:
        """Update the border: what is displayed, how many of how many, and in which encoding."""
        title, subtitle = map(keyboard_of(self.app).fill, titles(run, self._drawing))
        if title != self.border_title or subtitle != self.border_subtitle:
            self.border_title, self.border_subtitle = self.heading or Content(title), Content(subtitle)

    @property
    def _drawing(self) -> Drawing:
        """The content as the border describes it."""
        view, images, grid = self._view, next(iter(self.query(RealImagesView)), None), self.grid
        if self.enlarged and view is not None and view.children:
            grid = view.state
        elif self.compared and images is not None and images.children:
            grid = images.samples
        chain = self.selection.row if self.enlarged else None
        return Drawing(grid.shown, grid.described, chain, self.chain_order, bool(self.heading), self.outer_size.width)

    def _redraw(self) -> None:
        if self._run is not None:
            self.show(self._run)
            self.describe(self._run)
            self.post_message(self.ChainSelected())
