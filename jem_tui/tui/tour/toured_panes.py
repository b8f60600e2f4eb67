"""The panes that the tour changes, and their state before it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from jem_tui.tui.charts.chart_grid import ChartGrid
from jem_tui.tui.charts.charts_pane import ChartsPane
from jem_tui.tui.charts.panels import MAIN_PANELS
from jem_tui.tui.panes.workspace import Workspace
from jem_tui.tui.samples.samples_pane import SamplesPane


@dataclass(frozen=True, slots=True)
class TouredPanes:
    """Panes whose settings the tasks of the tour change."""

    workspace: Workspace
    charts: ChartsPane
    samples: SamplesPane

    @property
    def cramped(self) -> bool:
        """True if not all main panels of curves have room; the panel of the tour leaves even fewer."""
        return len(self.charts.query_one(ChartGrid).shown) < len(MAIN_PANELS)

    def remember(self) -> Callable[[], None]:
        """Return a function that restores the current smoothing, grouping and arrangement of the panes."""
        settings, grouped, arranged = self.charts.viewport.settings, self.samples.grid.by_class, self.workspace.arranged

        def restore() -> None:
            self.charts.viewport.settings = settings
            if self.samples.grid.by_class is not grouped:
                self.samples.action_classes()
            self.workspace.rearrange(arranged)

        return restore
