"""The chains of the replay buffer in their frame."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.content import Content
from textual.message import Message

from jem_tui.events.recording import Picture
from jem_tui.raster.tiles.class_names import known_classes
from jem_tui.raster.tiles.grid import find_neighbour
from jem_tui.tui.keys import bindings_of
from jem_tui.tui.repaint.containment import contain_failures
from jem_tui.tui.samples.chain_order import ChainOrder, take_chains
from jem_tui.tui.samples.chain_selection import ChainSelection
from jem_tui.tui.samples.tile_grid import NO_SAMPLES, TileGrid
from jem_tui.tui.state import text_formats
from jem_tui.tui.state.run_state import RunView

FULL = "-full-samples"
"""The screen's class while the chosen chain has all of it."""
CLASSIFIER = "no chains are sampled:\nthis run trains the classifier alone"


@contain_failures
class SamplesPane(Container, can_focus=True):
    """The grid of tiles, with what it shows written on its border."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("samples")]

    def __init__(
        self, choice: ChainSelection | None = None, *, id: str | None = None, classes: str | None = None
    ) -> None:
        """`choice` is the chain that the arrow keys choose."""
        super().__init__(id=id, classes=classes)
        self.choice = choice or ChainSelection()
        self.ordering = ChainOrder()
        self.enlarged = False
        """Whether the chosen chain is shown alone."""
        self.heading: Content | None = None
        """Whose samples they are, instead of what they are, where there are several runs."""
        self._rows: list[int] = []
        """Of the samples, in the order in which they are shown."""
        self._run: RunView | None = None

    def compose(self) -> ComposeResult:
        yield TileGrid(id="grid")

    @property
    def grid(self) -> TileGrid:
        return self.query_one(TileGrid)

    def action_pictures(self) -> None:
        """Draw the samples in the next way there is."""
        self.grid.cycle_encoding()

    def action_choose(self, right: int, down: int) -> None:
        """Choose the next tile in a direction; the chosen chain alone: the one before or after it."""
        rows = self._rows
        if self.enlarged:
            self.choice.move(right + down, rows)
        elif self.grid.shown:
            placed = self.grid.places[1]
            shown = [rows[place] for place in placed.chosen]
            known = self.choice.row in shown
            at = find_neighbour(placed.corners, shown.index(self.choice.row), right, down) if known else 0
            self.choice.row = shown[at]
        self._redraw()

    def action_zoom(self, sizes: int) -> None:
        """Draw the tiles so many sizes larger."""
        self.grid.zoom_by(sizes)
        self._redraw()

    def action_classes(self) -> None:
        """Give each class a row of its own, or show one grid again."""
        self.grid.by_class = not self.grid.by_class
        self._redraw()

    def action_enlarge(self) -> None:
        """Give the chosen chain the whole screen, or take it back."""
        self.enlarged = not self.enlarged
        self.screen.set_class(self.enlarged, FULL)
        self._redraw()

    def action_back(self) -> None:
        """Leave the full screen, then the pane."""
        if self.enlarged:
            self.action_enlarge()
        else:
            self.screen.set_focus(None)

    def action_sort(self) -> None:
        """Show the chains in the next order."""
        self.ordering.cycle_order()
        self._redraw()

    def action_filter(self) -> None:
        """Show the chains of the next class alone."""
        if self._run is not None and self._run.samples is not None:
            names, predicted = self._run.info.class_names, self._run.samples.predicted
            self.ordering.cycle_class(known_classes(names, predicted))
            self._redraw()

    def action_pin(self) -> None:
        """Keep the chosen chain first, or let it go again."""
        self.ordering.pin(self.choice.row)
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
        """Hand the newest samples of `run` to the grid; `still` says whether they stay for a while, None: as before."""
        self._run, samples = run, run.samples
        self.grid.still = self.grid.still if still is None else still
        empty = _why_empty(run)
        if samples is None or (isinstance(samples, Picture) and samples.flaw):
            self._rows = []
            self.grid.show(None, run.info.class_names, empty)
            return
        self.choice.limit(len(samples.tiles))
        rows = self.ordering.rows(samples)
        self._rows = rows.tolist()
        if self.enlarged and len(samples.tiles):
            self.grid.show_alone(take_chains(samples, [self.choice.row]), run.info.class_names)
            return
        marked = self._rows.index(self.choice.row) if self.has_focus and self.choice.row in self._rows else None
        self.grid.show(take_chains(samples, rows), run.info.class_names, empty, marked)

    def describe(self, run: RunView) -> None:
        """Write on the border what is shown, how much of it, and how it is drawn."""
        title, subtitle = self._described_pictures(run) if run.foreign else self._described_chains(run)
        if title != self.border_title or subtitle != self.border_subtitle:
            self.border_title, self.border_subtitle = self.heading or Content(title), Content(subtitle)

    def _described_chains(self, run: RunView) -> tuple[str, str]:
        """Return how many chains are shown, of how many."""
        samples = run.samples
        if self.heading is not None:
            return "", "" if samples is None else f"step {text_formats.count(samples.step)}"
        if samples is None:
            return ("replay buffer", NO_SAMPLES) if has_chains(run.info.config) else ("no replay buffer", "")
        chains = max(buffer_size(run.info.config), len(samples.tiles))
        which = f"chain {self.choice.row + 1}" if self.enlarged else f"{text_formats.count(self.grid.shown)}"
        described = self.ordering.described(run.info.class_names)
        title = f"replay buffer · {which} of {text_formats.count(chains)}"
        title += f" · {described}" if described else "" if self.enlarged else " chains"
        return title, f"{self.grid.described} · step {text_formats.count(samples.step)}"

    def _described_pictures(self, run: RunView) -> tuple[str, str]:
        """Name the tag of another program's pictures, how many tags there are, and the step of the log."""
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


def _why_empty(run: RunView) -> str:
    """Return why there is nothing to draw."""
    if isinstance(run.samples, Picture):
        return f"{run.samples.tag}\nstep {text_formats.count(run.samples.images)}: {run.samples.flaw}"
    if run.foreign:
        tag, _ = run.pictures
        return f"no picture of {tag} up to here" if tag else "this log has no pictures"
    return NO_SAMPLES if has_chains(run.info.config) else CLASSIFIER


def has_chains(config: Mapping[str, Any]) -> bool:
    """Whether a run of these settings moves chains; taken for granted where they do not say."""
    section = config.get("sgld")
    if not isinstance(section, Mapping):
        return True
    return bool(section.get("steps", 1) or section.get("steps_growth", 0))


def buffer_size(config: Mapping[str, Any]) -> int:
    """Chains in the replay buffer by the run's settings; 0 if they do not say."""
    section = config.get("buffer")
    size = section.get("size", 0) if isinstance(section, Mapping) else 0
    return size if isinstance(size, int) else 0
