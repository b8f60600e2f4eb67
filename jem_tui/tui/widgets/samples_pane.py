"""The chains of the replay buffer in their frame."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from textual.app import ComposeResult
from textual.containers import Container

from jem_tui.tui import formats
from jem_tui.tui.state import Run
from jem_tui.tui.widgets.tile_grid import TileGrid


class SamplesPane(Container):
    """The grid of tiles, with what it shows written on its border."""

    def compose(self) -> ComposeResult:
        yield TileGrid(id="grid")

    @property
    def grid(self) -> TileGrid:
        return self.query_one(TileGrid)

    def show(self, run: Run) -> None:
        """Hand the newest samples of `run` to the grid."""
        self.grid.show(run.samples)

    def describe(self, run: Run) -> None:
        """Write on the border how many chains are shown, of how many, and how they are drawn."""
        samples = run.samples
        title = "replay buffer"
        if samples is not None:
            chains = max(buffer_size(run.facts.config), len(samples.tiles))
            title += f" · {formats.count(self.grid.shown)} of {formats.count(chains)} chains"
            subtitle = f"{self.grid.drawn} · step {formats.count(samples.step)}"
        else:
            subtitle = "no samples yet"
        if title != self.border_title or subtitle != self.border_subtitle:
            self.border_title, self.border_subtitle = title, subtitle


def buffer_size(config: Mapping[str, Any]) -> int:
    """Chains in the replay buffer by the run's settings; 0 if they do not say."""
    section = config.get("buffer")
    size = section.get("size", 0) if isinstance(section, Mapping) else 0
    return size if isinstance(size, int) else 0
