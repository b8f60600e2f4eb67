"""Widget that draws one chart; the mouse moves the cursor, zooms and pans."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter

from rich.style import Style
from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from jem_tui.raster.plot.chart import Chart, ChartBody, add_header_and_cursor, draw_body
from jem_tui.raster.plot.ranges import StableRange
from jem_tui.tui.charts.chart_styles import ChartStyles
from jem_tui.tui.preferences.theme import Tone
from jem_tui.tui.repaint.cell_strips import styled_strip
from jem_tui.tui.repaint.containment import contain_failures
from jem_tui.tui.repaint.fast_strips import crop_rows, is_undecorated

WHEEL = 0.8
"""Zoom factor of one wheel event."""


@contain_failures
class ChartWidget(Widget):
    """Chart of one panel: smoothed lines on bands of raw values, event marks, and a cursor."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    ChartWidget { width: 1fr; height: 1fr; }
    """

    class Pointed(Message):
        """The mouse is over `x` on the x axis, or has left the chart (None)."""

        def __init__(self, x: float | None) -> None:
            super().__init__()
            self.x = x

    class Zoomed(Message):
        """The wheel was scrolled at `x` on the x axis."""

        def __init__(self, factor: float, x: float) -> None:
            super().__init__()
            self.factor, self.x = factor, x

    class Panned(Message):
        """The plot was dragged by a share of its width, to the right if positive."""

        def __init__(self, share: float) -> None:
            super().__init__()
            self.share = share

    class Picked(Message):
        """The chart was clicked once or `twice`."""

        def __init__(self, chart: ChartWidget, *, twice: bool) -> None:
            super().__init__()
            self.chart, self.twice = chart, twice

    def __init__(self, inks: ChartStyles) -> None:
        """Create an empty chart that takes its styles from `inks`, the container in which it is mounted."""
        super().__init__()
        self._inks = inks
        self.last_paint = 0.0
        """Duration of the last drawing in seconds."""
        self._chart = Chart(title="", curves=(), y_range=StableRange())
        self._tone = Tone.OTHER
        self._chosen = False
        self._cursor: float | None = None
        self._drawing: ChartBody | None = None
        self._strips: list[Strip] = []
        self._styles: tuple[Style, ...] = ()
        self._styles_known = False
        self._held: int | None = None

    def show(self, chart: Chart, *, tone: Tone, chosen: bool = False, cursor: float | None = None) -> None:
        """Replace the data and repaint."""
        if not any(len(curve.x) for curve in chart.curves):
            chart.y_range.reset()
        if (tone, chosen) != (self._tone, self._chosen):
            self._tone, self._chosen, self._styles_known = tone, chosen, False
        self._chart, self._cursor = chart, cursor
        self._drawing, self._strips = None, []
        self.refresh()

    def point(self, cursor: float | None) -> None:
        """Move the cursor; only the header and the cursor's column are drawn again."""
        if cursor != self._cursor:
            self._cursor, self._strips = cursor, []
            self.refresh()

    @property
    def cell(self) -> float:
        """Width of one column of cells on the x axis."""
        if self._drawing is None or not self._drawing.frame.plot_columns:
            return 0.0
        low, high = self._drawing.x_axis
        return (high - low) / self._drawing.frame.plot_columns

    def render_lines(self, crop: Region) -> list[Strip]:
        """Render rows, bypassing Textual's styling if the widget is undecorated."""
        return crop_rows(self, self._rows(), crop) if is_undecorated(self) else super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """Return one row of the content."""
        return self._rows()[y]

    def notify_style_update(self) -> None:
        """Look up the styles again before the next drawing."""
        super().notify_style_update()
        self._styles_known = False

    def on_resize(self, event: events.Resize) -> None:
        self.call_after_refresh(self._redraw_resized)

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
        self._zoom(event, WHEEL)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self._zoom(event, 1 / WHEEL)

    def _zoom(self, event: events.MouseEvent, factor: float) -> None:
        if self._drawing is not None:
            event.stop()
            self.post_message(self.Zoomed(factor, self._drawing.x_at(event.x - self.gutter.left)))

    def _rows(self) -> Sequence[Strip]:
        """Return the rows of the chart, drawn once for data, size, cursor and styles.

        After a resize, return the previous rows, cut or padded, until `_redraw_resized`: new data usually arrive before.
        """
        if not self._styles_known:
            self._look_up_styles()
        if not self._strips:
            self._draw()
        width, height = self.size
        if self._drawing is not None and self._drawing.size == (width, height):
            return self._strips
        blank = [Strip.blank(width, self.rich_style)] * (height - len(self._strips))
        return [strip.adjust_cell_length(width, self.rich_style) for strip in self._strips[:height]] + blank

    def _look_up_styles(self) -> None:
        styles = self._inks.styles_of(self._tone, chosen=self._chosen)
        if styles != self._styles:
            self._styles, self._strips = styles, []
        self._styles_known = True

    def _redraw_resized(self) -> None:
        """Draw again if the last drawing has another size."""
        if self._drawing is not None and self._drawing.size != tuple(self.size):
            self._strips = []
            self.refresh()

    def _draw(self) -> None:
        started = perf_counter()
        size = self.size.width, self.size.height
        if self._drawing is None or self._drawing.size != size:
            self._drawing = draw_body(self._chart, *size)
        plot = add_header_and_cursor(self._drawing, self._cursor)
        rows = zip(plot.glyphs, plot.inks, strict=True)
        self._strips = [styled_strip(glyphs, inks, self._styles) for glyphs, inks in rows]
        self.last_paint = perf_counter() - started
