"""Charts of panels, whose y axes stay steady while a panel is hidden."""

from __future__ import annotations

from collections.abc import Sequence

from jem_tui.raster.plot.chart import Chart
from jem_tui.raster.plot.ranges import StableRange
from jem_tui.raster.plot.scales.scale import Limits
from jem_tui.raster.plot.scales.warp import WARPS
from jem_tui.tui.charts.chart_settings import axis_unit
from jem_tui.tui.charts.panels import Panel, curves_of
from jem_tui.tui.charts.viewport import ChartViewport
from jem_tui.tui.state.comparison import ComparedRun
from jem_tui.tui.state.run_view import RunView

ROOM_FOR_NAMES = 60
"""Minimum width of a chart whose legend has the full name of a split, in columns."""


class PanelCharts:
    """Factory of charts that keeps the y axis of each panel by title."""

    def __init__(self) -> None:
        self._ranges: dict[tuple[str, bool], StableRange] = {}

    def chart_of(
        self,
        panel: Panel,
        run: RunView,
        comparison: Sequence[ComparedRun],
        viewport: ChartViewport,
        width: int,
        limits: Limits,
    ) -> Chart:
        """Return the chart of `panel`, `width` columns wide, over `limits` of the x axis."""
        settings, bounds = viewport.settings, (0.0, 1.0) if panel.percent else None
        return Chart(
            title=panel.title,
            curves=curves_of(panel, run, comparison, settings, abbreviated=width < ROOM_FOR_NAMES),
            y_range=self._ranges.setdefault((panel.title, panel.percent), StableRange(bounds)),
            percent=panel.percent,
            gap=panel.gap,
            warp=WARPS[viewport.scale_of(panel)],
            unit=axis_unit(settings.axis, run),
            x_axis=limits,
        )
