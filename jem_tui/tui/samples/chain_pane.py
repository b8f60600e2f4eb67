"""Pane of the selected chain: its enlarged image, its properties, and its energy since the last restart."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np
from numpy.typing import NDArray
from textual.app import ComposeResult
from textual.containers import Container
from textual.content import Content
from textual.widgets import Static

from jem_tui.events.recording import Picture
from jem_tui.events.run import Samples
from jem_tui.raster.plot.histogram import bars
from jem_tui.raster.tiles.class_names import class_name
from jem_tui.tui.preferences.theme import FAINT, MUTED, Tone
from jem_tui.tui.repaint.containment import contain_failures
from jem_tui.tui.samples.chain_order import take_chains
from jem_tui.tui.samples.chain_selection import ChainSelection
from jem_tui.tui.samples.tile_grid import TileGrid
from jem_tui.tui.state import text_formats
from jem_tui.tui.state.run_view import RunView

LABEL = 9
"""Columns of the name of a property."""
LINE_ROWS = 3
FEWEST = 2
"""Minimum number of energies that are drawn."""


@contain_failures
class ChainPane(Container):
    """Pane of the selected chain or picture."""

    def __init__(self, selection: ChainSelection, *, id: str) -> None:
        super().__init__(id=id)
        self._selection = selection

    def compose(self) -> ComposeResult:
        yield TileGrid(id="chosen")
        yield Static(id="facts")

    def stamp(self, run: RunView) -> Hashable:
        """Return a value that differs when the chain or its samples differ."""
        return (run.samples, self._selection.row, self.size)

    def draw(self, run: RunView) -> None:
        """Draw the last recorded state of the chosen chain."""
        samples = run.samples
        if samples is None or not len(samples.tiles):
            return
        row = min(self._selection.row, len(samples.tiles) - 1)
        self.query_one(TileGrid).show_alone(take_chains(samples, [row]), run.info.class_names)
        facts = self.query_one("#facts", Static)
        width = max(8, facts.content_size.width)
        if isinstance(samples, Picture):
            title, rows = "picture", facts_of_picture(samples, width)
        else:
            title, rows = (
                f"{'sample' if run.watched else 'chain'} {row + 1}",
                facts_of(samples, row, run.info.class_names, run.chain_history.energies(row), width),
            )
        content = Content("\n").join(rows)
        if content != facts.content:
            facts.update(content, layout=False)
        self.border_title = title
        self.border_subtitle = "R reseeds" if "reseed" in run.info.abilities else ""


def facts_of_picture(picture: Picture, width: int) -> list[Content]:
    """Return the tag, the step and the size of a picture of a foreign log, one line each."""
    height, wide = picture.tiles.shape[1:3]
    facts = {
        "tag": text_formats.shorten(picture.tag, width - LABEL),
        "step": f"{picture.images:,}",
        "size": f"{wide}×{height}",
    }
    return [Content.assemble((f"{label:{LABEL}}", MUTED), value) for label, value in facts.items()]


def facts_of(
    samples: Samples, row: int, class_names: tuple[str, ...], energies: NDArray[np.float64], width: int
) -> list[Content]:
    """Return the properties of a chain, one line each, then its `energies` since the last restart as a bar chart."""
    share = f"{float(samples.confidence[row]) * 100:.0f} %"
    name = text_formats.shorten(
        class_name(class_names, int(samples.predicted[row])), max(1, width - LABEL - len(share) - 2)
    )
    facts = {"energy": f"{samples.energy[row]:.2f}".replace("-", "−")}
    # A watched loop need not know the age of its samples
    aged = samples.age[row] >= 0
    if aged:
        facts["age"] = f"{samples.age[row]:,} steps"
    if aged or np.isfinite(samples.confidence[row]):
        facts["class"] = f"{name}  {share}"
    if aged:
        facts["restarts"] = f"{samples.reseeds[row]:,}"
    rows = [
        Content.assemble((f"{label:{LABEL}}", MUTED), text_formats.truncate(value, width - LABEL)).truncate(width)
        for label, value in facts.items()
    ]
    finite = energies[np.isfinite(energies)]
    if len(finite) < FEWEST:
        return [*rows, Content(), Content.styled("energy: one value so far"[:width], FAINT)]
    spread = np.array([part.mean() for part in np.array_split(finite, min(width, len(finite)))]) - finite.min()
    lines = bars(spread + 1e-3 + 0.05 * spread.max(), len(spread), LINE_ROWS)
    heading = f"energy {finite.min():.1f} … {finite.max():.1f}".replace("-", "−")
    return [
        *rows,
        Content(),
        Content.styled(heading[:width], MUTED),
        *(Content.styled(line, Tone.NRG.variable) for line in lines),
    ]
