"""Viewport of the charts: visible panels, visible part of the x axis, and cursor, as state without widgets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from jem_tui.events.recording import Mark
from jem_tui.events.run import TOTAL
from jem_tui.raster.plot.cursor import nearest_index
from jem_tui.raster.plot.event_marks import EventMark
from jem_tui.raster.plot.scales.axis import SCALES, Axis, ScaleName
from jem_tui.tui.charts.chart_settings import ChartSettings, next_choice
from jem_tui.tui.charts.panel_grid import PanelGrid
from jem_tui.tui.charts.panels import Panel, positions_on_axis
from jem_tui.tui.charts.x_window import Extent, XWindow
from jem_tui.tui.state.run_view import RunView
from jem_tui.tui.state.series import Series, seconds_since


@dataclass(frozen=True, slots=True)
class CursorPosition:
    """Step at the cursor."""

    step: int
    images: int
    seconds: float
    """Seconds since the start of the run."""


class ChartViewport:
    """State of the charts pane that keys and the mouse change."""

    def __init__(self, settings: ChartSettings) -> None:
        self.settings = settings
        self.window = XWindow()
        self.cursor: float | None = None
        """Position on the x axis."""
        self.filter_text = ""
        """Words or globs that the names of panels must match."""
        self.chosen = 0
        """Index of the chosen panel."""
        self.maximized = False
        """True if the chosen panel fills the screen."""
        self.first_visible = 0
        """Index of the first visible panel."""
        self._scales: dict[str, ScaleName] = {}
        """Scales of single panels that the user has changed, by title."""

    @property
    def stamp(self) -> tuple[object, ...]:
        """Value that changes when the charts have to be drawn again."""
        scales = tuple(self._scales.items())
        return (
            self.settings,
            self.window,
            self.cursor,
            self.filter_text,
            self.chosen,
            self.maximized,
            self.first_visible,
            scales,
        )

    def scale_of(self, panel: Panel) -> ScaleName:
        """Return the scale of a panel: its own, else that of the settings, else the default of its metric."""
        if panel.title in self._scales:
            return self._scales[panel.title]
        return panel.scale if self.settings.scale == "automatic" else self.settings.scale

    def switch_scale(self, panel: Panel | None) -> None:
        """Select the next scale for one panel, or for all panels, which discards their own scales."""
        if panel is not None:
            self._scales[panel.title] = next_choice(SCALES, self.scale_of(panel))
        else:
            self.settings = self.settings.next_scale()
            self._scales.clear()

    def switch_axis(self, run: RunView | None) -> None:
        """Select the next x axis, and convert the visible part and the cursor."""
        before = self.settings.axis
        self.settings = self.settings.next_axis()
        series = reference_series(run)
        if run is None or series is None:
            self.window, self.cursor = XWindow(), None
            return
        old, new = (series.positions_along(axis, run.began) for axis in (before, self.settings.axis))
        self.window = self.window.converted(extent(run, before), lambda place: float(np.interp(place, old, new)))
        self.cursor = None if self.cursor is None else float(np.interp(self.cursor, old, new))

    def smooth(self, steps: int) -> None:
        """Increase the smoothing by `steps` of `SMOOTHINGS`."""
        self.settings = self.settings.with_smoothing_step(steps)

    def choose(self, panels: Sequence[Panel], by: int) -> None:
        """Choose the panel `by` positions later, up to the ends of `panels`."""
        self.chosen = max(0, min(len(panels) - 1, self.chosen + by))

    def keep_chosen(self, before: Sequence[Panel], after: Sequence[Panel]) -> None:
        """Choose the same panel after others have appeared or disappeared, unless the first panel was chosen."""
        if 0 < self.chosen < len(before):
            title = before[self.chosen].title
            self.chosen = next((at for at, panel in enumerate(after) if panel.title == title), self.chosen)

    def visible_panels(self, panels: Sequence[Panel], grid: PanelGrid) -> Sequence[Panel]:
        """Scroll so that the chosen panel is visible, and return the visible panels."""
        self.chosen = max(0, min(len(panels) - 1, self.chosen))
        if self.maximized:
            return panels[self.chosen : self.chosen + 1]
        self.first_visible = grid.reach(self.first_visible, self.chosen, len(panels))
        return panels[self.first_visible : self.first_visible + grid.room]

    def filter_panels(self, filter_text: str) -> None:
        """Show the panels whose names match, and choose the first one."""
        self.filter_text, self.chosen, self.first_visible, self.maximized = filter_text, 0, 0, False

    def move_cursor(self, cells: int, cell: float, extent: Extent) -> None:
        """Move the cursor by cells of width `cell` within the visible part; a new cursor starts at the newest point."""
        low, high = self.window.limits(extent)
        start = min(high, extent.newest) if self.cursor is None else self.cursor
        self.cursor = min(high, max(low, start + cells * cell))

    def follow_newest(self) -> None:
        """Follow the newest point, or show the whole x axis."""
        self.window = self.window.follow_newest()


def reference_series(run: RunView | None) -> Series | None:
    """Return the series of a metric that every step has, or None without data."""
    series = None if run is None else run.series.get(TOTAL) or max(run.series.values(), key=len, default=None)
    return series if series is not None and len(series) else None


def extent(run: RunView, axis: Axis) -> Extent:
    """Return the first point, the newest point and the end of the recording on an axis."""
    series = reference_series(run)
    places = series.positions_along(axis, run.began) if series is not None else np.zeros(1)
    ends = (
        float(positions_on_axis(points[-1:], axis, run.began)[0]) for points in run.recorded.values() if len(points)
    )
    newest = float(places[-1])
    return Extent(float(places[0]), newest, max((newest, *ends)))


def nearest_step(run: RunView, axis: Axis, cursor: float | None) -> CursorPosition | None:
    """Return the step that is closest to the cursor, or None without a cursor or data."""
    series = reference_series(run)
    if series is None or cursor is None:
        return None
    index = nearest_index(series.positions_along(axis, run.began), cursor)
    seconds = float(seconds_since(run.began, series.times[index : index + 1])[0])
    return CursorPosition(int(series.steps[index]), int(series.images[index]), seconds)


def marks_along(run: RunView, axis: Axis, pauses: Sequence[Mark]) -> list[EventMark]:
    """Return the event marks up to now on an axis, with `pauses` of a recording."""
    marks = [*run.marks, *(mark for mark in pauses if mark.kind == "pause" and mark.images <= run.images)]
    series = reference_series(run)
    if axis == "images" or series is None:
        return [EventMark(float(mark.images), mark.kind) for mark in marks]
    places = np.interp([mark.images for mark in marks], series.images, series.positions_along(axis, run.began))
    return [EventMark(place, mark.kind) for place, mark in zip(places.tolist(), marks, strict=True)]
