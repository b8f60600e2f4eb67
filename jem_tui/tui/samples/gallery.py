"""Samples of compared runs side by side."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from textual.containers import Container
from textual.content import Content

from jem_tui.tui.repaint.containment import contain_failures
from jem_tui.tui.samples.samples_pane import SamplesPane
from jem_tui.tui.state.comparison import ComparedRun

TILE_WIDTH, TILE_HEIGHT = 15, 8
"""Columns and rows of a digit in quadrants, with its caption and its gaps."""
FRAME = 2


def arrange_panes(runs: int, width: int, height: int) -> tuple[int, int]:
    """Return the columns and rows of panes that show most chains, of all runs or of as many as fit."""
    most_columns = max(1, width // (TILE_WIDTH + FRAME))
    most_rows = max(1, height // (TILE_HEIGHT + FRAME))
    shown = max(1, min(runs, most_columns * most_rows))
    fitting = [(columns, ceil(shown / columns)) for columns in range(1, min(shown, most_columns) + 1)]
    return max(
        (each for each in fitting if each[1] <= most_rows),
        key=lambda each: tile_capacity(width // each[0], height // each[1]),
    )


def tile_capacity(width: int, height: int) -> int:
    """Estimate how many chains a pane of `width` × `height` cells shows."""
    return ((width - FRAME) // TILE_WIDTH) * ((height - FRAME) // TILE_HEIGHT)


@contain_failures
class Gallery(Container):
    """Grid with a samples pane for each displayed run, titled in the colour of the run."""

    def show(self, compared_runs: Sequence[ComparedRun]) -> None:
        """Draw the samples of each run, with panes added and removed as runs are shown and hidden."""
        columns, rows = arrange_panes(len(compared_runs), *self.size)
        displayed = compared_runs[: columns * rows]
        self.styles.grid_size_columns, self.styles.grid_size_rows = columns, rows
        panes = self._panes(len(displayed))
        for pane, compared in zip(panes, displayed, strict=False):
            if pane.is_mounted and pane.children:
                pane.heading = Content.assemble((f"● {compared.name}", compared.colour))
                pane.show(compared.run)
                pane.describe(compared.run)

    @property
    def panes(self) -> list[SamplesPane]:
        return list(self.query_children(SamplesPane))

    def _panes(self, count: int) -> list[SamplesPane]:
        """Return `count` panes; new panes cannot be drawn before the next refresh."""
        panes = self.panes
        for pane in panes[count:]:
            pane.remove()
        for _ in range(count - len(panes)):
            self.mount(SamplesPane(classes="compared-samples"))
        return panes[:count]
