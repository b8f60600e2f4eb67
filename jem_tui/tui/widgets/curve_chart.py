"""A chart of one or more series, drawn by the rasterisers."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter
from typing import ClassVar

from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from jem_tui.tui.raster.chart import Chart, draw_chart
from jem_tui.tui.raster.curves import Curve
from jem_tui.tui.raster.plot import Ink
from jem_tui.tui.raster.ranges import StableRange
from jem_tui.tui.raster.strips import inked_strip
from jem_tui.tui.run_colours import PALETTE

__all__ = ["Curve", "CurveChart"]

RUN_STYLES = tuple(Style(color=colour) for colour in PALETTE)
TONES = ("total", "nrg", "xe", "accuracy")


class CurveChart(Widget):
    """The curves of one metric over the images seen: smoothed lines on the raw band."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "curve-chart--title",
        "curve-chart--axis",
        "curve-chart--mark",
        "curve-chart--ahead",
        "curve-chart--band-second",
        "curve-chart--line-second",
        *(f"curve-chart--{layer}-{tone}" for layer in ("band", "line") for tone in TONES),
    }
    DEFAULT_CSS = """
    CurveChart {
        width: 1fr;
        height: 1fr;
        & > .curve-chart--title { color: $foreground; text-style: bold; }
        & > .curve-chart--axis { color: $foreground 45%; }
        & > .curve-chart--mark { color: $foreground 35%; }
        & > .curve-chart--ahead { color: $foreground 25%; }
        & > .curve-chart--line-total { color: #7aa2f7; }
        & > .curve-chart--band-total { color: #7aa2f7 40%; }
        & > .curve-chart--line-nrg { color: #e0af68; }
        & > .curve-chart--band-nrg { color: #e0af68 40%; }
        & > .curve-chart--line-xe { color: #bb9af7; }
        & > .curve-chart--band-xe { color: #bb9af7 40%; }
        & > .curve-chart--line-accuracy { color: #9ece6a; }
        & > .curve-chart--band-accuracy { color: #9ece6a 40%; }
        & > .curve-chart--line-second { color: $foreground; }
        & > .curve-chart--band-second { color: $foreground 30%; }
        &:light {
            & > .curve-chart--line-total { color: #2457b8; }
            & > .curve-chart--band-total { color: #2457b8 40%; }
            & > .curve-chart--line-nrg { color: #9a5b00; }
            & > .curve-chart--band-nrg { color: #9a5b00 40%; }
            & > .curve-chart--line-xe { color: #7440b5; }
            & > .curve-chart--band-xe { color: #7440b5 40%; }
            & > .curve-chart--line-accuracy { color: #3d7a14; }
            & > .curve-chart--band-accuracy { color: #3d7a14 40%; }
        }
    }
    """

    def __init__(
        self, title: str, *, tone: str, percent: bool = False, id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.last_paint = 0.0
        """Seconds that the last rasterising took."""
        self._title = title
        self._tone = tone
        self._percent = percent
        self._y_range = StableRange(bounds=(0.0, 1.0) if percent else None)
        self._curves: tuple[Curve, ...] = ()
        self._marks: tuple[float, ...] = ()
        self._strips: list[Strip] = []
        self._drawn: object = None

    def show(self, curves: Sequence[Curve], marks: Sequence[float] = ()) -> None:
        """Take new data, with events marked at the x positions `marks`, and repaint once."""
        if not any(len(curve.x) for curve in curves):
            self._y_range.reset()
        self._curves = tuple(curves)
        self._marks = tuple(marks)
        self._drawn = None
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One row of the content, from the drawing that is made once for data, size and colours."""
        wanted = (self.size, styles := self._styles())
        if self._drawn != wanted:
            self._draw(styles)
            self._drawn = wanted
        return self._strips[y]

    def _draw(self, styles: Sequence[Style]) -> None:
        started = perf_counter()
        chart = Chart(
            title=self._title, curves=self._curves, marks=self._marks, percent=self._percent, y_range=self._y_range
        )
        plot = draw_chart(chart, self.size.width, self.size.height)
        self._strips = [inked_strip(glyphs, inks, styles) for glyphs, inks in zip(plot.glyphs, plot.inks, strict=True)]
        self.last_paint = perf_counter() - started

    def _styles(self) -> tuple[Style, ...]:
        """The style of each ink."""
        names = {
            Ink.TITLE: "title",
            Ink.AXIS: "axis",
            Ink.MARK: "mark",
            Ink.BAND: f"band-{self._tone}",
            Ink.LINE: f"line-{self._tone}",
            Ink.AHEAD: "ahead",
            Ink.SECOND_BAND: "band-second",
            Ink.SECOND_LINE: "line-second",
        }
        own = {ink: self.get_component_rich_style(f"curve-chart--{name}") for ink, name in names.items()}
        runs = {Ink(Ink.RUN_0 + place): self.rich_style + style for place, style in enumerate(RUN_STYLES)}
        return tuple((own | runs).get(ink, self.rich_style) for ink in Ink)
