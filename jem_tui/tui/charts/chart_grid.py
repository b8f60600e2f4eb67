"""Container of the chart widgets, which places them in a grid."""

from __future__ import annotations

from collections.abc import Sequence

from jem_tui.tui.charts.chart_styles import ChartStyles
from jem_tui.tui.charts.chart_widget import ChartWidget
from jem_tui.tui.charts.event_lane import LaneSection
from jem_tui.tui.charts.panel_grid import PanelGrid
from jem_tui.tui.charts.panels import Panel


class ChartGrid(ChartStyles):
    """Grid of charts that mounts further widgets when more panels are visible, and hides those that are not needed."""

    DEFAULT_CSS = "ChartGrid { layout: grid; grid-gutter: 0 2; grid-rows: 1fr; height: 1fr; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._charts: list[ChartWidget] = []
        self.shown: list[tuple[Panel, ChartWidget]] = []
        """Visible panels with their widgets."""

    def show_panels(self, visible: Sequence[Panel], grid: PanelGrid) -> None:
        """Assign the `visible` panels to widgets in `grid`."""
        if len(visible) > len(self._charts) and self.is_attached:
            new = [ChartWidget(self) for _ in range(len(visible) - len(self._charts))]
            self._charts += new
            self.mount(*new)
        self.styles.grid_size_columns, self.styles.grid_size_rows = grid.columns, grid.rows
        for index, chart in enumerate(self._charts):
            chart.display = index < len(visible)
        self.shown = list(zip(visible, self._charts, strict=False))

    @property
    def sections(self) -> list[LaneSection]:
        """Places of the columns of charts."""
        top = [chart for _, chart in self.shown if chart.region.y == self.region.y and chart.size.width]
        return [LaneSection(chart.region.x - self.region.x, chart.size.width) for chart in top]
