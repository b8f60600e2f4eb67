"""A chart of one or more curves, drawn by the rasterisers; the mouse reads, zooms and pans it."""

from __future__ import annotations

from time import perf_counter
from typing import ClassVar

from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from jem_tui.tui.raster.chart import Chart, Drawing, draw_plot, finish
from jem_tui.tui.raster.plot import Ink
from jem_tui.tui.raster.ranges import StableRange
from jem_tui.tui.raster.strips import inked_strip
from jem_tui.tui.run_colours import PALETTE

TONES = ("total", "nrg", "xe", "accuracy", "other")
WHEEL = 0.8
"""Factor of one notch of the wheel."""
RUN_STYLES = tuple(Style(color=colour) for colour in PALETTE)
"""By place in the palette of runs."""
NAMES = {
    Ink.AXIS: "axis",
    Ink.MARK: "mark",
    Ink.AHEAD: "ahead",
    Ink.GAP: "gap",
    Ink.ALERT: "alert",
    Ink.CURSOR: "cursor",
    Ink.SECOND_BAND: "band-second",
    Ink.SECOND_LINE: "line-second",
}
"""The component class of each ink that does not depend on the tone."""


class CurveChart(Widget):
    """The curves of one metric: smoothed lines on the raw band, marks of what happened, and a cursor."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "curve-chart--title",
        "curve-chart--chosen",
        *(f"curve-chart--{name}" for name in NAMES.values()),
        *(f"curve-chart--{layer}-{tone}" for layer in ("band", "line") for tone in TONES),
    }
    DEFAULT_CSS = """
    CurveChart {
        width: 1fr;
        height: 1fr;
        & > .curve-chart--title { color: $foreground; text-style: bold; }
        & > .curve-chart--chosen { color: $background; background: $primary; text-style: bold; }
        & > .curve-chart--axis { color: $foreground 45%; }
        & > .curve-chart--mark { color: $foreground 45%; }
        & > .curve-chart--ahead { color: $foreground 25%; }
        & > .curve-chart--gap { color: $accent 55%; }
        & > .curve-chart--alert { color: $error; text-style: bold; }
        & > .curve-chart--cursor { color: $primary; }
        & > .curve-chart--line-total { color: #7aa2f7; }
        & > .curve-chart--band-total { color: #7aa2f7 40%; }
        & > .curve-chart--line-nrg { color: #e0af68; }
        & > .curve-chart--band-nrg { color: #e0af68 40%; }
        & > .curve-chart--line-xe { color: #bb9af7; }
        & > .curve-chart--band-xe { color: #bb9af7 40%; }
        & > .curve-chart--line-accuracy { color: #9ece6a; }
        & > .curve-chart--band-accuracy { color: #9ece6a 40%; }
        & > .curve-chart--line-other { color: $primary; }
        & > .curve-chart--band-other { color: $primary 40%; }
        & > .curve-chart--line-second { color: $foreground; }
        & > .curve-chart--band-second { color: $foreground 30%; }
    }
    """

    class Pointed(Message):
        """The mouse is over `x`, or has left the plot (None)."""

        def __init__(self, x: float | None) -> None:
            super().__init__()
            self.x = x

    class Zoomed(Message):
        """The wheel was turned over `x`."""

        def __init__(self, factor: float, x: float) -> None:
            super().__init__()
            self.factor, self.x = factor, x

    class Panned(Message):
        """The plot was dragged by a share of its width, to the right if that is positive."""

        def __init__(self, share: float) -> None:
            super().__init__()
            self.share = share

    class Picked(Message):
        """The chart was clicked, `twice` or once."""

        def __init__(self, chart: CurveChart, *, twice: bool) -> None:
            super().__init__()
            self.chart, self.twice = chart, twice

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.last_paint = 0.0
        """Seconds that the last rasterising took."""
        self._chart = Chart(title="", curves=(), y_range=StableRange())
        self._tone = TONES[-1]
        self._chosen = False
        self._cursor: float | None = None
        self._drawing: Drawing | None = None
        self._strips: list[Strip] = []
        self._styles: tuple[Style, ...] = ()
        self._held: int | None = None

    def show(self, chart: Chart, *, tone: str, chosen: bool = False, cursor: float | None = None) -> None:
        """Take new data, and repaint once."""
        if not any(len(curve.x) for curve in chart.curves):
            chart.y_range.reset()
        if (tone, chosen) != (self._tone, self._chosen):
            self._tone, self._chosen, self._styles = tone, chosen, ()
        self._chart, self._cursor = chart, cursor
        self._drawing, self._strips = None, []
        self.refresh()

    def point(self, cursor: float | None) -> None:
        """Move the cursor; only what depends on it is drawn anew."""
        if cursor != self._cursor:
            self._cursor, self._strips = cursor, []
            self.refresh()

    @property
    def cell(self) -> float:
        """How much of the x axis is in one column of cells."""
        if self._drawing is None or not self._drawing.frame.plot_columns:
            return 0.0
        low, high = self._drawing.x_axis
        return (high - low) / self._drawing.frame.plot_columns

    def render_line(self, y: int) -> Strip:
        """One row of the content, from the drawing that is made once for data, size, cursor and colours."""
        if len(self._strips) != self.size.height or self._strips[y].cell_length != self.size.width or not self._styles:
            self._draw()
        return self._strips[y]

    def notify_style_update(self) -> None:
        """Other colours."""
        super().notify_style_update()
        self._styles = ()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self._held is not None and self._drawing is not None:
            share = (event.x - self._held) / max(1, self._drawing.frame.plot_columns)
            self._held = event.x
            self.post_message(self.Panned(share))
        elif self._drawing is not None:
            self.post_message(self.Pointed(self._drawing.x_at(event.x - self.gutter.left)))

    def on_leave(self, event: events.Leave) -> None:
        self.post_message(self.Pointed(None))

    def on_mouse_down(self, event: events.MouseDown) -> None:
        if event.button == 1:
            self._held = event.x
            self.capture_mouse()

    def on_mouse_up(self, event: events.MouseUp) -> None:
        self._held = None
        self.release_mouse()

    def on_click(self, event: events.Click) -> None:
        self.post_message(self.Picked(self, twice=event.chain == 2))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._turn(event, WHEEL)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self._turn(event, 1 / WHEEL)

    def _turn(self, event: events.MouseEvent, factor: float) -> None:
        if self._drawing is not None:
            event.stop()
            self.post_message(self.Zoomed(factor, self._drawing.x_at(event.x - self.gutter.left)))

    def _draw(self) -> None:
        started = perf_counter()
        size = self.size.width, self.size.height
        if self._drawing is None or self._drawing.size != size:
            self._drawing = draw_plot(self._chart, *size)
        self._styles = self._styles or self._look_up()
        plot = finish(self._drawing, self._cursor)
        rows = zip(plot.glyphs, plot.inks, strict=True)
        self._strips = [inked_strip(glyphs, inks, self._styles) for glyphs, inks in rows]
        self.last_paint = perf_counter() - started

    def _look_up(self) -> tuple[Style, ...]:
        """The style of each ink."""
        title = "chosen" if self._chosen else "title"
        names = {**NAMES, Ink.TITLE: title, Ink.BAND: f"band-{self._tone}", Ink.LINE: f"line-{self._tone}"}
        own = {ink: self.get_component_rich_style(f"curve-chart--{name}") for ink, name in names.items()}
        runs = {Ink(Ink.RUN_0 + place): self.rich_style + style for place, style in enumerate(RUN_STYLES)}
        return tuple((own | runs).get(ink, self.rich_style) for ink in Ink)
