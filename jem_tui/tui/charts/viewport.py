"""How somebody looks at the panels of a run: what is in sight, how far it is zoomed, and where the cursor is. Pure state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from jem_tui.events.recording import Mark
from jem_tui.events.run import TOTAL
from jem_tui.raster.plot.axis import SCALES, Axis, ScaleName
from jem_tui.raster.plot.cursor import nearest
from jem_tui.raster.plot.event_marks import EventMark
from jem_tui.tui.charts.chart_settings import CurveView, following
from jem_tui.tui.charts.panel_grid import PanelGrid
from jem_tui.tui.charts.panels import Panel, along
from jem_tui.tui.charts.x_window import Extent, Window
from jem_tui.tui.state.run_view import RunView
from jem_tui.tui.state.series import Series, since


@dataclass(frozen=True, slots=True)
class Place:
    """A step, where the cursor is."""

    step: int
    images: int
    seconds: float
    """Since the start."""


class Looking:
    """Changed by keys and the mouse, read by what draws."""

    def __init__(self, view: CurveView) -> None:
        self.view = view
        self.window = Window()
        self.cursor: float | None = None
        """On the x axis."""
        self.wanted = ""
        """What the names of panels must contain."""
        self.chosen = 0
        """Index of a panel."""
        self.full = False
        """The chosen panel has the screen to itself."""
        self.top = 0
        """Index of the first panel in sight."""
        self._scales: dict[str, ScaleName] = {}
        """By title: panels that have been given an own one."""

    @property
    def stamp(self) -> tuple[object, ...]:
        """Differs when something else is to be drawn."""
        scales = tuple(self._scales.items())
        return (self.view, self.window, self.cursor, self.wanted, self.chosen, self.full, self.top, scales)

    def scale_of(self, panel: Panel) -> ScaleName:
        """The panel's own, else that of all, else what suits the metric."""
        if panel.title in self._scales:
            return self._scales[panel.title]
        return panel.scale if self.view.scale == "automatic" else self.view.scale

    def rescale(self, panel: Panel | None) -> None:
        """The next y axis of one panel, or of all, whatever they had."""
        if panel is not None:
            self._scales[panel.title] = following(SCALES, self.scale_of(panel))
        else:
            self.view = self.view.next_scale()
            self._scales.clear()

    def turn(self, run: RunView | None) -> None:
        """The next x axis; what is looked at stays the same."""
        before = self.view.axis
        self.view = self.view.next_axis()
        series = reference(run)
        if run is None or series is None:
            self.window, self.cursor = Window(), None
            return
        old, new = (series.along(axis, run.began) for axis in (before, self.view.axis))
        self.window = self.window.converted(extent(run, before), lambda place: float(np.interp(place, old, new)))
        self.cursor = None if self.cursor is None else float(np.interp(self.cursor, old, new))

    def smooth(self, steps: int) -> None:
        """More or less."""
        self.view = self.view.smoother(steps)

    def choose(self, panels: Sequence[Panel], by: int) -> None:
        """Another panel, as far as there are any."""
        self.chosen = max(0, min(len(panels) - 1, self.chosen + by))

    def in_sight(self, panels: Sequence[Panel], grid: PanelGrid) -> Sequence[Panel]:
        """The panels to draw on `grid`; afterwards the chosen one is among them."""
        self.chosen = max(0, min(len(panels) - 1, self.chosen))
        if self.full:
            return panels[self.chosen : self.chosen + 1]
        self.top = grid.reach(self.top, self.chosen, len(panels))
        return panels[self.top : self.top + grid.room]

    def want(self, wanted: str) -> None:
        """Only panels with such names."""
        self.wanted, self.chosen, self.top, self.full = wanted, 0, 0, False

    def step_cursor(self, cells: int, cell: float, extent: Extent) -> None:
        """Move the cursor by cells that are `cell` wide, within what is seen; it begins at the newest point."""
        low, high = self.window.limits(extent)
        start = min(high, extent.newest) if self.cursor is None else self.cursor
        self.cursor = min(high, max(low, start + cells * cell))

    def newest(self) -> None:
        """Follow the newest point, or show everything."""
        self.window = self.window.newest()


def reference(run: RunView | None) -> Series | None:
    """A metric that every step has."""
    series = None if run is None else run.series.get(TOTAL) or max(run.series.values(), key=len, default=None)
    return series if series is not None and len(series) else None


def extent(run: RunView, axis: Axis) -> Extent:
    """From the first point to where the run is, and to the end of its recording."""
    series = reference(run)
    places = series.along(axis, run.began) if series is not None else np.zeros(1)
    ends = (float(along(points[-1:], axis, run.began)[0]) for points in run.ahead.values() if len(points))
    newest = float(places[-1])
    return Extent(float(places[0]), newest, max((newest, *ends)))


def nearest_step(run: RunView, axis: Axis, cursor: float | None) -> Place | None:
    """The step that is closest to the cursor."""
    series = reference(run)
    if series is None or cursor is None:
        return None
    index = nearest(series.along(axis, run.began), cursor)
    seconds = float(since(run.began, series.times[index : index + 1])[0])
    return Place(int(series.steps[index]), int(series.images[index]), seconds)


def marks_along(run: RunView, axis: Axis, pauses: Sequence[Mark]) -> list[EventMark]:
    """What happened so far, on an axis; `pauses` are those of a recording."""
    marks = [*run.marks, *(mark for mark in pauses if mark.kind == "pause" and mark.images <= run.images)]
    series = reference(run)
    if axis == "images" or series is None:
        return [EventMark(float(mark.images), mark.kind) for mark in marks]
    places = np.interp([mark.images for mark in marks], series.images, series.along(axis, run.began))
    return [EventMark(place, mark.kind) for place, mark in zip(places.tolist(), marks, strict=True)]
