"""How somebody looks at the panels of a run: what is in sight, how far it is zoomed, and where the cursor is. Pure state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from jem_tui.events.recording import Mark
from jem_tui.events.run import TOTAL
from jem_tui.raster.plot.axis import SCALES, Axis, ScaleName
from jem_tui.raster.plot.cursor import nearest_index
from jem_tui.raster.plot.event_marks import EventMark
from jem_tui.tui.charts.chart_settings import ChartSettings, next_choice
from jem_tui.tui.charts.panel_grid import PanelGrid
from jem_tui.tui.charts.panels import Panel, positions_on_axis
from jem_tui.tui.charts.x_window import Extent, XWindow
from jem_tui.tui.state.run_view import RunView
from jem_tui.tui.state.series import Series, seconds_since


@dataclass(frozen=True, slots=True)
class CursorPosition:
    """A step, where the cursor is."""

    step: int
    images: int
    seconds: float
    """Since the start."""


class ChartViewport:
    """Changed by keys and the mouse, read by what draws."""

    def __init__(self, settings: ChartSettings) -> None:
        self.settings = settings
        self.window = XWindow()
        self.cursor: float | None = None
        """On the x axis."""
        self.filter_text = ""
        """What the names of panels must contain."""
        self.chosen = 0
        """Index of a panel."""
        self.maximized = False
        """The chosen panel has the screen to itself."""
        self.first_visible = 0
        """Index of the first panel in sight."""
        self._scales: dict[str, ScaleName] = {}
        """By title: panels that have been given an own one."""

    @property
    def stamp(self) -> tuple[object, ...]:
        """Differs when something else is to be drawn."""
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
        """The panel's own, else that of all, else what suits the metric."""
        if panel.title in self._scales:
            return self._scales[panel.title]
        return panel.scale if self.settings.scale == "automatic" else self.settings.scale

    def switch_scale(self, panel: Panel | None) -> None:
        """The next y axis of one panel, or of all, whatever they had."""
        if panel is not None:
            self._scales[panel.title] = next_choice(SCALES, self.scale_of(panel))
        else:
            self.settings = self.settings.next_scale()
            self._scales.clear()

    def switch_axis(self, run: RunView | None) -> None:
        """The next x axis; what is looked at stays the same."""
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
        """More or less."""
        self.settings = self.settings.with_smoothing_step(steps)

    def choose(self, panels: Sequence[Panel], by: int) -> None:
        """Another panel, as far as there are any."""
        self.chosen = max(0, min(len(panels) - 1, self.chosen + by))

    def visible_panels(self, panels: Sequence[Panel], grid: PanelGrid) -> Sequence[Panel]:
        """The panels to draw on `grid`; afterwards the chosen one is among them."""
        self.chosen = max(0, min(len(panels) - 1, self.chosen))
        if self.maximized:
            return panels[self.chosen : self.chosen + 1]
        self.first_visible = grid.reach(self.first_visible, self.chosen, len(panels))
        return panels[self.first_visible : self.first_visible + grid.room]

    def filter_panels(self, filter_text: str) -> None:
        """Only panels with such names."""
        self.filter_text, self.chosen, self.first_visible, self.maximized = filter_text, 0, 0, False

    def move_cursor(self, cells: int, cell: float, extent: Extent) -> None:
        """Move the cursor by cells that are `cell` wide, within what is seen; it begins at the newest point."""
        low, high = self.window.limits(extent)
        start = min(high, extent.newest) if self.cursor is None else self.cursor
        self.cursor = min(high, max(low, start + cells * cell))

    def follow_newest(self) -> None:
        """Follow the newest point, or show everything."""
        self.window = self.window.follow_newest()


def reference_series(run: RunView | None) -> Series | None:
    """A metric that every step has."""
    series = None if run is None else run.series.get(TOTAL) or max(run.series.values(), key=len, default=None)
    return series if series is not None and len(series) else None


def extent(run: RunView, axis: Axis) -> Extent:
    """From the first point to where the run is, and to the end of its recording."""
    series = reference_series(run)
    places = series.positions_along(axis, run.began) if series is not None else np.zeros(1)
    ends = (
        float(positions_on_axis(points[-1:], axis, run.began)[0]) for points in run.recorded.values() if len(points)
    )
    newest = float(places[-1])
    return Extent(float(places[0]), newest, max((newest, *ends)))


def nearest_step(run: RunView, axis: Axis, cursor: float | None) -> CursorPosition | None:
    """The step that is closest to the cursor."""
    series = reference_series(run)
    if series is None or cursor is None:
        return None
    index = nearest_index(series.positions_along(axis, run.began), cursor)
    seconds = float(seconds_since(run.began, series.times[index : index + 1])[0])
    return CursorPosition(int(series.steps[index]), int(series.images[index]), seconds)


def marks_along(run: RunView, axis: Axis, pauses: Sequence[Mark]) -> list[EventMark]:
    """What happened so far, on an axis; `pauses` are those of a recording."""
    marks = [*run.marks, *(mark for mark in pauses if mark.kind == "pause" and mark.images <= run.images)]
    series = reference_series(run)
    if axis == "images" or series is None:
        return [EventMark(float(mark.images), mark.kind) for mark in marks]
    places = np.interp([mark.images for mark in marks], series.images, series.positions_along(axis, run.began))
    return [EventMark(place, mark.kind) for place, mark in zip(places.tolist(), marks, strict=True)]
