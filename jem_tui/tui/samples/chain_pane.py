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
from jem_tui.tui.keys.remap import keyboard_of
from jem_tui.tui.preferences.theme import FAINT, MUTED, Tone
from jem_tui.tui.repaint.changed_content import show_content
from jem_tui.tui.repaint.containment import contain_failures
from jem_tui.tui.samples.chain_order import take_chains
from jem_tui.tui.samples.chain_selection import ChainSelection
from jem_tui.tui.samples.chain_words import FEWEST, LABEL, energy_bars, properties_of
from jem_tui.tui.samples.tile_grid import TileGrid
from jem_tui.tui.state import text_formats
from jem_tui.tui.state.run_view import RunView


@contain_failures
class ChainPane(Container, can_focus=True):
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
        show_content(facts, content)
        self.border_title = title
        self.border_subtitle = (
            keyboard_of(self.app).fill("{reseed-chosen} restart") if "reseed" in run.info.abilities else ""
        )


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
    rows = properties_of(samples, row, class_names, width)
    finite = energies[np.isfinite(energies)]
    if len(finite) < FEWEST:
        return [*rows, Content(), Content.styled("energy: one value so far"[:width], FAINT)]
    heading, lines = energy_bars(finite, min(width, len(finite)))
    return [
        *rows,
        Content(),
        Content.styled(f"energy {heading}"[:width], MUTED),
        *(Content.styled(line, Tone.NRG.variable) for line in lines),
    ]
