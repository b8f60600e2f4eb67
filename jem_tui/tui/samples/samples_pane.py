"""Pane of the chains of the replay buffer, or of the pictures of a foreign log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.content import Content
from textual.message import Message

from jem_tui.events.recording import Picture
from jem_tui.raster.tiles.class_names import known_classes
from jem_tui.raster.tiles.grid import find_neighbour
from jem_tui.raster.tiles.tile_frame import tile_at
from jem_tui.tui.keys import bindings_of
from jem_tui.tui.repaint.containment import contain_failures
from jem_tui.tui.samples.chain_order import ChainOrder, take_chains
from jem_tui.tui.samples.chain_selection import ChainSelection
from jem_tui.tui.samples.tile_grid import NO_SAMPLES, TileGrid
from jem_tui.tui.state import text_formats
from jem_tui.tui.state.run_state import RunView

FULL = "-full-samples"
"""CSS class of the screen while the selected chain fills it."""
DOUBLE = 2
"""Number of clicks in a row that enlarge a tile."""
CLASSIFIER = "no chains are sampled:\nthis run trains the classifier alone"


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
        if self.enlarged:
            self.selection.move(right + down, rows)
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
        self.enlarged = not self.enlarged
        self.screen.set_class(self.enlarged, FULL)
        self._redraw()

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

    def action_pin(self) -> None:
        """Pin or unpin the selected chain."""
        self.chain_order.pin(self.selection.row)
        self._redraw()

    def on_click(self, event: events.Click) -> None:
        """Select the clicked tile; a second click at once enlarges it, or restores the grid."""
        at, layout = event.get_content_offset(self.grid), self.grid.scaled_layout[1] if self._rows else None
        found = None if at is None or layout is None else tile_at(layout, at.y, at.x)
        if found is None or layout is None:
            return
        event.stop()
        if not self.enlarged:
            self.selection.row = self._rows[layout.chosen[found]]
        if event.chain == DOUBLE:
            self.action_enlarge()
        else:
            self._redraw()

    def on_focus(self) -> None:
        self._redraw()

    def on_blur(self) -> None:
        if self.enlarged:
            self.action_enlarge()
        self._redraw()

    class ChainSelected(Message):
        """Another chain has been selected, or the selected one is displayed differently."""

    def show(self, run: RunView, *, still: bool | None = None) -> None:
        """Draw the newest samples of `run`; `still` is whether they will stay for a while, None leaves that unchanged."""
        self._run, samples = run, run.samples
        self.grid.still = self.grid.still if still is None else still
        empty = _reason_without_samples(run)
        if samples is None or (isinstance(samples, Picture) and samples.flaw):
            self._rows = []
            self.grid.show(None, run.info.class_names, empty)
            return
        self.selection.limit(len(samples.tiles))
        rows = self.chain_order.rows(samples)
        self._rows = rows.tolist()
        if self.enlarged and len(samples.tiles):
            self.grid.show_alone(take_chains(samples, [self.selection.row]), run.info.class_names)
            return
        marked = self._rows.index(self.selection.row) if self.has_focus and self.selection.row in self._rows else None
        self.grid.show(take_chains(samples, rows), run.info.class_names, empty, marked)

    def describe(self, run: RunView) -> None:
        """Update the border: what is displayed, how many of how many, and in which encoding."""
        title, subtitle = self._picture_titles(run) if run.foreign else self._chain_titles(run)
        if title != self.border_title or subtitle != self.border_subtitle:
            self.border_title, self.border_subtitle = self.heading or Content(title), Content(subtitle)

    def _chain_titles(self, run: RunView) -> tuple[str, str]:
        """Return title and subtitle for chains: how many are displayed, in which order, and the step."""
        samples = run.samples
        if self.heading is not None:
            return "", "" if samples is None else f"step {text_formats.count(samples.step)}"
        if run.watched:
            return self._sample_titles(run)
        if samples is None:
            return ("replay buffer", NO_SAMPLES) if has_chains(run.info.config) else ("no replay buffer", "")
        chains = max(buffer_size(run.info.config), len(samples.tiles))
        which = f"chain {self.selection.row + 1}" if self.enlarged else f"{text_formats.count(self.grid.shown)}"
        described = self.chain_order.described(run.info.class_names)
        title = f"replay buffer · {which} of {text_formats.count(chains)}"
        title += f" · {described}" if described else "" if self.enlarged else " chains"
        return title, f"{self.grid.described} · step {text_formats.count(samples.step)}"

    def _sample_titles(self, run: RunView) -> tuple[str, str]:
        """Return title and subtitle for the samples of a watched loop, which need not be chains."""
        samples = run.samples
        if samples is None:
            return "samples", NO_SAMPLES
        which = f"{self.selection.row + 1}" if self.enlarged else f"{text_formats.count(self.grid.shown)}"
        title = f"samples · {which} of {text_formats.count(len(samples.tiles))}"
        described = self.chain_order.described(run.info.class_names)
        return title + (f" · {described}" if described else ""), f"{self.grid.described} · step {samples.step:,}"

    def _picture_titles(self, run: RunView) -> tuple[str, str]:
        """Return title and subtitle for pictures of a foreign log: the tag, the number of tags, and the step."""
        samples, (tag, tags) = run.samples, run.pictures
        tag = samples.tag if isinstance(samples, Picture) else tag
        step = "" if samples is None else f"step {text_formats.count(samples.images)}"
        if self.heading is not None:
            return "", " · ".join(filter(None, (tag, step)))
        title = tag or "pictures"
        if len(tags) > 1 and tag in tags:
            title += f" · tag {tags.index(tag) + 1} of {text_formats.count(len(tags))}, t: next"
        if samples is None:
            return title, ""
        several = f"{self.grid.shown} of {len(samples.tiles)} · " if len(samples.tiles) > 1 else ""
        return title, f"{several}{self.grid.described} · {step}"

    def _redraw(self) -> None:
        if self._run is not None:
            self.show(self._run)
            self.describe(self._run)
            self.post_message(self.ChainSelected())


def _reason_without_samples(run: RunView) -> str:
    """Return the reason why there are no samples."""
    if isinstance(run.samples, Picture):
        return f"{run.samples.tag}\nstep {text_formats.count(run.samples.images)}: {run.samples.flaw}"
    if run.foreign:
        tag, _ = run.pictures
        return f"no image of {tag} up to this step" if tag else "this log has no images"
    return NO_SAMPLES if has_chains(run.info.config) else CLASSIFIER


def has_chains(config: Mapping[str, Any]) -> bool:
    """Return whether a run with these settings samples chains; True if the settings do not say."""
    section = config.get("sgld")
    if not isinstance(section, Mapping):
        return True
    return bool(section.get("steps", 1) or section.get("steps_growth", 0))


def buffer_size(config: Mapping[str, Any]) -> int:
    """Return the number of chains in the replay buffer by the settings of the run; 0 if unknown."""
    section = config.get("buffer")
    size = section.get("size", 0) if isinstance(section, Mapping) else 0
    return size if isinstance(size, int) else 0
