"""Pane of a replay of several runs, in place of the samples: the list of runs, and their samples side by side."""

from __future__ import annotations

from collections.abc import Hashable

from textual.app import ComposeResult
from textual.containers import Container

from jem_tui.tui.repaint.containment import contain_failures
from jem_tui.tui.replay.run_list import RunsPane
from jem_tui.tui.samples.gallery import Gallery
from jem_tui.tui.state.comparison import RunComparison
from jem_tui.tui.state.run_view import RunView

FRAME = 2
"""Rows of a border, top and bottom."""
LIST_SHARE = 3
"""Divisor of the height of the pane that limits the height of the list."""


@contain_failures
class ComparisonPane(Container):
    """Pane with the list of runs above the gallery of their samples."""

    def __init__(self, comparison: RunComparison, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._comparison = comparison
        self._runs = RunsPane(comparison, id="runs")
        self.gallery = Gallery(id="gallery")

    def compose(self) -> ComposeResult:
        yield self._runs
        yield self.gallery

    @property
    def ready(self) -> int:
        """Number of panes that can be drawn; panes are mounted after the first drawing."""
        return sum(pane.is_mounted for pane in self.gallery.panes)

    def stamp(self, run: RunView) -> Hashable:
        """Return a value that differs when the list or the samples differ."""
        return (run.step, run.samples, self._comparison.stamp, self.size, self.ready)

    def draw(self, run: RunView) -> None:
        """Draw the list of runs and the samples of those that are shown."""
        rows = len(self._comparison.compared_runs) + FRAME
        self._runs.styles.height = min(rows, max(FRAME + 1, self.size.height // LIST_SHARE))
        self._runs.show()
        self.gallery.show(self._comparison.shown)
