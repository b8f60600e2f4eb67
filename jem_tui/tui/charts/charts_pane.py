"""Pane of charts: as many panels as fit, all over the same part of the x axis."""

from __future__ import annotations

from collections.abc import Hashable
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Input

from jem_tui.tui.charts.chart_grid import ChartGrid
from jem_tui.tui.charts.chart_settings import ChartSettings, axis_unit
from jem_tui.tui.charts.chart_widget import ChartWidget
from jem_tui.tui.charts.charts_status import ChartsStatus, PanelRange, StatusFacts
from jem_tui.tui.charts.event_lane import EventLane
from jem_tui.tui.charts.metric_filter import MetricFilter
from jem_tui.tui.charts.panel_charts import PanelCharts
from jem_tui.tui.charts.panel_grid import PanelGrid, fit_grid
from jem_tui.tui.charts.panels import MAIN_PANELS, Panel, panels_of
from jem_tui.tui.charts.varying_panels import varying_panels
from jem_tui.tui.charts.viewport import ChartViewport, extent, marks_along, nearest_step
from jem_tui.tui.keys import bindings_of
from jem_tui.tui.keys.remap import keyboard_of
from jem_tui.tui.preferences.preferences import SavePreferences
from jem_tui.tui.repaint.containment import contain_failures
from jem_tui.tui.repaint.fast_strips import BareContainer
from jem_tui.tui.state.run_view import RunView
from jem_tui.tui.state.session import Session

SECTION = "curves"
"""Section of the preferences."""
FULL = "-full-curves"
"""CSS class of the screen while one panel fills it."""


@contain_failures
class ChartsPane(BareContainer, can_focus=True):
    """Pane of panels, with a status line above and a filter below."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("curves")]
    DEFAULT_CSS = "ChartsPane { layout: vertical; }"

    def __init__(self, session: Session, settings: ChartSettings, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._session = session
        self.viewport = ChartViewport(settings)
        self._bar = ChartsStatus(id="charts-status")
        self._panels = ChartGrid(id="panels")
        self._lane = EventLane(id="events")
        self._filter = MetricFilter(id="metric-filter")
        self._drawn = PanelCharts()
        self._run: RunView | None = None
        self._matching: tuple[object, list[Panel], int] = (None, list(MAIN_PANELS), 0)
        """Panels that match, with what they depend on, and how many are hidden because they do not vary."""
        self._hovered = False

    def compose(self) -> ComposeResult:
        yield self._bar
        yield self._panels
        yield self._lane
        yield self._filter

    def stamp(self, run: RunView) -> Hashable:
        """Return a value that differs when the charts differ."""
        comparison = self._session.comparison.stamp
        return (run.changes, comparison, self.viewport.stamp, self._panels.size, self.has_focus)

    def draw(self, run: RunView) -> None:
        """Draw the charts of `run`; in a comparison, with one curve for each shown run."""
        self._run = run
        comparison = self._session.comparison.shown
        self._arrange()
        limits = self.viewport.window.limits(extent(run, self.viewport.settings.axis))
        marks = marks_along(run, self.viewport.settings.axis, self._session.state.recorded_marks)
        for index, (panel, chart) in enumerate(self._panels.shown):
            drawn = self._drawn.chart_of(panel, run, comparison, self.viewport, chart.size.width, limits)
            chosen = self.has_focus and self._first + index == self.viewport.chosen
            chart.show(drawn, tone=panel.tone, chosen=chosen, cursor=self.viewport.cursor)
        self._lane.show(marks, limits, self._panels.sections, self.size.height)
        self._describe()

    def action_smooth(self, steps: int) -> None:
        """Smooth the curves more or less."""
        self.viewport.smooth(steps)
        self._remember()

    def action_scale(self) -> None:
        """Switch the scale of the y axis of the chosen panel if the pane has the focus, else of all panels."""
        panels = self._panels_matching()
        chosen = panels[self.viewport.chosen] if self.has_focus and self.viewport.chosen < len(panels) else None
        self.viewport.switch_scale(chosen)
        self._remember()

    def action_axis(self) -> None:
        """Switch the x axis between images, steps and time."""
        self.viewport.switch_axis(self._run)
        self._remember()

    def action_zoom(self, factor: float, at: float | None = None) -> None:
        """Show `factor` times as much of the x axis, around `at`, the cursor or the newest point."""
        if self._run is not None:
            place = self.viewport.cursor if at is None else at
            here = extent(self._run, self.viewport.settings.axis)
            self.viewport.window = self.viewport.window.zoomed(factor, here, place)
            self._redraw()

    def action_pan(self, share: float) -> None:
        """Move the viewport by a share of its width."""
        if self._run is not None:
            here = extent(self._run, self.viewport.settings.axis)
            self.viewport.window = self.viewport.window.panned(share, here)
            self._redraw()

    def action_newest(self) -> None:
        """Follow the newest point again, or show the whole x axis."""
        self.viewport.follow_newest()

    def action_filter(self) -> None:
        """Open the filter of panel names."""
        self._filter.display = True
        self._filter.focus()

    def action_cursor(self, cells: int) -> None:
        """Move the cursor by columns of cells."""
        if self._run is not None and self._panels.shown:
            self._hovered = False
            here = extent(self._run, self.viewport.settings.axis)
            self.viewport.move_cursor(cells, self._panels.shown[0][1].cell, here)
            self._point()

    def action_choose(self, by: int) -> None:
        """Choose another panel and make it visible."""
        self.viewport.choose(self._panels_matching(), by)
        self._redraw()

    def action_full(self) -> None:
        """Maximize the chosen panel, or restore all panels."""
        self.viewport.maximized = not self.viewport.maximized
        self.screen.set_class(self.viewport.maximized, FULL)
        self._redraw()

    def action_back(self) -> None:
        """Restore a maximized panel, else remove the cursor, else leave the pane."""
        if self.viewport.maximized:
            self.action_full()
        elif self.viewport.cursor is not None:
            self.viewport.cursor = None
            self._point()
        else:
            self.screen.set_focus(None)

    def on_chart_widget_pointed(self, event: ChartWidget.Pointed) -> None:
        """Move the cursor to the mouse, and remove it when the mouse leaves; a cursor that keys have set stays."""
        if event.x is not None or self._hovered:
            self._hovered = event.x is not None
            self.viewport.cursor = event.x
            self._point()

    def on_chart_widget_zoomed(self, event: ChartWidget.Zoomed) -> None:
        self.action_zoom(event.factor, event.x)

    def on_chart_widget_panned(self, event: ChartWidget.Panned) -> None:
        self.action_pan(-event.share)

    def on_chart_widget_picked(self, event: ChartWidget.Picked) -> None:
        panels = self._panels_matching()
        picked = next((panel for panel, chart in self._panels.shown if chart is event.chart), None)
        if picked in panels:
            self.viewport.chosen = panels.index(picked)
            self.focus(scroll_visible=False)
            if event.twice:
                self.action_full()
            self._redraw()

    def on_input_changed(self, event: Input.Changed) -> None:
        self.viewport.filter_panels(event.value)
        self.screen.set_class(False, FULL)
        self._redraw()

    def on_input_submitted(self) -> None:
        """Close the filter, keep its text, and focus the panels."""
        self._filter.display = False
        self.focus(scroll_visible=False)

    def on_mount(self) -> None:
        self._arrange()

    def watch_has_focus(self, has_focus: bool) -> None:
        super().watch_has_focus(has_focus)
        self._redraw()

    def on_resize(self, event: events.Resize) -> None:
        self.call_after_refresh(self._redraw)

    @property
    def _first(self) -> int:
        """Index of the first visible panel."""
        return self.viewport.chosen if self.viewport.maximized else self.viewport.first_visible

    def _panels_matching(self) -> list[Panel]:
        """Return the panels that match the filter; without a filter, those of one run that vary. The chosen panel stays chosen."""
        run, text, compared = self._run, self.viewport.filter_text, bool(self._session.comparison.shown)
        if run is None:
            return list(MAIN_PANELS)
        key = (text, compared, id(run), run.changes)
        before, panels, _ = self._matching
        if key != before:
            every = panels_of(run, compared=compared, filter_text=text)
            found = every if text or compared else varying_panels(every, run)
            if isinstance(before, tuple) and before[0] == text:
                self.viewport.keep_chosen(panels, found)
            self._matching = (key, found, len(every) - len(found))
        return self._matching[1]

    def _arrange(self) -> None:
        """Fit the grid to the pane, and assign the visible panels to chart widgets."""
        panels = self._panels_matching()
        grid = PanelGrid(1, 1) if self.viewport.maximized else fit_grid(*self._panels.size, len(panels))
        visible = self.viewport.visible_panels(panels, grid)
        self._panels.show_panels(visible, grid)

    def _describe(self) -> None:
        """Update the status line."""
        viewport, settings, run = self.viewport, self.viewport.settings, self._run
        place = None if run is None else nearest_step(run, settings.axis, viewport.cursor)
        unit = "" if run is None else axis_unit(settings.axis, run)
        foreign = run is not None and not run.counts_images
        panels = PanelRange(self._first, len(self._panels.shown), len(self._panels_matching()), self._matching[2])
        keys = keyboard_of(self.app).by_name
        self._bar.show(StatusFacts(settings, viewport.window, panels, viewport.filter_text, place, foreign, keys, unit))

    def _point(self) -> None:
        """Draw the cursor on all visible charts."""
        for _, chart in self._panels.shown:
            chart.point(self.viewport.cursor)
        self._describe()

    def _redraw(self) -> None:
        """Draw the last data again after a key or a mouse event."""
        if self._run is not None:
            self.draw(self._run)

    def _remember(self) -> None:
        self._redraw()
        self.post_message(SavePreferences(SECTION, self.viewport.settings.to_dict()))
