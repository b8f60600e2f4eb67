"""The samples of several runs side by side, as many as fit."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from textual.containers import Container
from textual.content import Content

from jem_tui.tui.repaint.containment import contain_failures
from jem_tui.tui.samples.samples_pane import SamplesPane
from jem_tui.tui.state.comparison import ComparedRun

TILE_WIDTH, TILE_HEIGHT = 15, 8
"""Cells of a digit drawn in quadrants, with its caption and the space beside it."""
FRAME = 2


def arrange_panes(runs: int, width: int, height: int) -> tuple[int, int]:
    """Columns and rows of panes that show most chains: of all runs if each has room for one, else of as many as fit."""
    most_columns = max(1, width // (TILE_WIDTH + FRAME))
    most_rows = max(1, height // (TILE_HEIGHT + FRAME))
    shown = max(1, min(runs, most_columns * most_rows))
    fitting = [(columns, ceil(shown / columns)) for columns in range(1, min(shown, most_columns) + 1)]
    return max(
        (each for each in fitting if each[1] <= most_rows),
        key=lambda each: tile_capacity(width // each[0], height // each[1]),
    )


def tile_capacity(width: int, height: int) -> int:
    """About how many chains a pane of so many cells shows."""
    return ((width - FRAME) // TILE_WIDTH) * ((height - FRAME) // TILE_HEIGHT)


@contain_failures
class Gallery(Container):
    """A pane of samples for each run, framed in the run's colour."""

    def show(self, compared_runs: Sequence[ComparedRun]) -> None:
        """Hand each pane the samples of its run; panes come and go as runs are shown and hidden."""
        columns, rows = arrange_panes(len(compared_runs), *self.size)
        hung = compared_runs[: columns * rows]
        self.styles.grid_size_columns, self.styles.grid_size_rows = columns, rows
        panes = self._panes(len(hung))
        for pane, compared in zip(panes, hung, strict=False):
            if pane.is_mounted and pane.children:
                pane.heading = Content.assemble((f"● {compared.name}", compared.colour))
                pane.show(compared.run)
                pane.describe(compared.run)

    @property
    def panes(self) -> list[SamplesPane]:
        return list(self.query_children(SamplesPane))

    def _panes(self, count: int) -> list[SamplesPane]:
        """So many panes, of which new ones cannot be drawn before the next refresh."""
        panes = self.panes
        for pane in panes[count:]:
            pane.remove()
        for _ in range(count - len(panes)):
            self.mount(SamplesPane(classes="compared-samples"))
        return panes[:count]
