"""The samples of several runs side by side, as many as fit."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from textual.containers import Container
from textual.content import Content

from jem_tui.tui.lineup import Entrant
from jem_tui.tui.widgets.samples_pane import SamplesPane

LEAST_WIDTH, LEAST_HEIGHT = 18, 10
"""Cells of a pane that has room for a tile and its caption."""


def arrangement(runs: int, width: int, height: int) -> tuple[int, int]:
    """Columns and rows of panes for as many of `runs` as fit: rows first, since a wide pane shows more chains in a row."""
    most_columns, most_rows = max(1, width // LEAST_WIDTH), max(1, height // LEAST_HEIGHT)
    shown = min(runs, most_columns * most_rows)
    columns = ceil(shown / most_rows)
    return columns, ceil(shown / max(1, columns))


class Gallery(Container):
    """A pane of samples for each run, framed in the run's colour."""

    def show(self, entrants: Sequence[Entrant]) -> None:
        """Hand each pane the samples of its run; panes come and go as runs are shown and hidden."""
        columns, rows = arrangement(len(entrants), *self.size)
        hung = entrants[: columns * rows]
        self.styles.grid_size_columns, self.styles.grid_size_rows = columns, rows
        panes = self._panes(len(hung))
        for pane, entrant in zip(panes, hung, strict=False):
            if pane.is_mounted and pane.children:
                pane.show(entrant.run)
                pane.describe(entrant.run)
                pane.border_title = Content.assemble((f"● {entrant.name}", entrant.colour))

    @property
    def panes(self) -> list[SamplesPane]:
        return list(self.query_children(SamplesPane))

    def _panes(self, count: int) -> list[SamplesPane]:
        """So many panes, of which new ones cannot be drawn before the next refresh."""
        panes = self.panes
        for pane in panes[count:]:
            pane.remove()
        for _ in range(count - len(panes)):
            self.mount(SamplesPane(classes="beside"))
        return panes[:count]
