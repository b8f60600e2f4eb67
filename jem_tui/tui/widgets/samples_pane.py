"""The chains of the replay buffer in their frame."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.message import Message

from jem_tui.tui import formats
from jem_tui.tui.choice import Choice
from jem_tui.tui.keys import bindings_of
from jem_tui.tui.state import Run
from jem_tui.tui.widgets.tile_grid import NO_SAMPLES, TileGrid

CLASSIFIER = "no chains are sampled:\nthis run trains the classifier alone"


class SamplesPane(Container, can_focus=True):
    """The grid of tiles, with what it shows written on its border."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("samples")]

    def __init__(self, choice: Choice | None = None, *, id: str | None = None, classes: str | None = None) -> None:
        """`choice` is the chain that the arrow keys choose."""
        super().__init__(id=id, classes=classes)
        self.choice = choice or Choice()

    def compose(self) -> ComposeResult:
        yield TileGrid(id="grid")

    @property
    def grid(self) -> TileGrid:
        return self.query_one(TileGrid)

    def action_pictures(self) -> None:
        """Draw the samples in the next way there is."""
        self.grid.cycle_encoding()

    def action_choose(self, columns: int, rows: int) -> None:
        """Choose the chain so many tiles to the right and down."""
        self.choice.move(columns + rows * self.grid.columns, self.grid.shown)
        self.post_message(self.Chosen())

    class Chosen(Message):
        """Another chain is looked at."""

    def show(self, run: Run) -> None:
        """Hand the newest samples of `run` to the grid."""
        self.choice.observe(run.samples)
        empty = NO_SAMPLES if has_chains(run.facts.config) else CLASSIFIER
        self.grid.show(run.samples, run.facts.class_names, empty)

    def describe(self, run: Run) -> None:
        """Write on the border how many chains are shown, of how many, and how they are drawn."""
        samples = run.samples
        title = "replay buffer"
        if samples is not None:
            chains = max(buffer_size(run.facts.config), len(samples.tiles))
            title += f" · {formats.count(self.grid.shown)} of {formats.count(chains)} chains"
            subtitle = f"{self.grid.drawn} · step {formats.count(samples.step)}"
        elif has_chains(run.facts.config):
            subtitle = NO_SAMPLES
        else:
            title, subtitle = "no replay buffer", ""
        if title != self.border_title or subtitle != self.border_subtitle:
            self.border_title, self.border_subtitle = title, subtitle


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
