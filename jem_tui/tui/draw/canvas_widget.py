"""The widget of a drawing: it displays the drawing or its chain, and draws with the mouse."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from typing import ClassVar

from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from jem_tui.raster.tiles.grid import Rgb
from jem_tui.tui.draw.canvas_view import CanvasView, render, with_cursor, with_ghost, write_centred
from jem_tui.tui.draw.drawing_canvas import DrawingCanvas, Pixels
from jem_tui.tui.draw.drawing_state import DrawingState
from jem_tui.tui.draw.pen import Pen
from jem_tui.tui.keys.remap import keyboard_of
from jem_tui.tui.repaint.cell_strips import CellRows, rgb_of
from jem_tui.tui.repaint.containment import contain_failures
from jem_tui.tui.repaint.fast_strips import crop_rows
from jem_tui.tui.repaint.placeholder import placeholder_rows

BUTTON, ERASER_BUTTON = 1, 3
HINT = ("Draw with the mouse, or", "press {draw-pen} and arrow keys;", "{draw-open} opens an image")
_WHITE, _BLACK = (255, 255, 255), (0, 0, 0)


@contain_failures
class CanvasWidget(Widget):
    """The drawing, or the state of its chain, as large as fits. The widget has no border, so that its rows need no styling."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"canvas--ink", "canvas--hint", "canvas--cursor"}
    DEFAULT_CSS = """
    CanvasWidget {
        width: 1fr;
        height: 1fr;
        & > .canvas--ink { color: $foreground; }
        & > .canvas--hint { color: $text-muted; }
        & > .canvas--cursor { color: $accent; }
    }
    """

    class Drawn(Message):
        """The user has drawn with the mouse."""

    def __init__(self, state: DrawingState, pen: Pen, *, id: str) -> None:
        super().__init__(id=id)
        self._state = state
        self._pen = pen
        self._ink: tuple[int, ...] | None = None
        """The colour of the stroke of the mouse; None between strokes."""
        self._cached: tuple[object, Sequence[Strip]] = (None, ())

    def view_of(self, canvas: DrawingCanvas) -> CanvasView:
        """Return the place of a drawing in the widget."""
        height, width, _ = canvas.shape
        return CanvasView((height, width), *self.size)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Render rows without Textual's styling, which would convert cells to segments."""
        return crop_rows(self, self._rows(), crop)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        canvas = self._state.canvas
        if canvas is None or event.button not in (BUTTON, ERASER_BUTTON):
            return
        event.stop()
        self.capture_mouse()
        self._state.keep_chain()
        self._pen.cursor = None
        self._ink = self._pen.ink(canvas, erase=event.button == ERASER_BUTTON)
        at = self.view_of(canvas).point_at(event.pointer_x, event.pointer_y)
        canvas.press(at, self._pen.radius(canvas), self._ink)
        self.post_message(self.Drawn())

    def on_mouse_move(self, event: events.MouseMove) -> None:
        canvas = self._state.canvas
        if canvas is None or self._ink is None:
            return
        event.stop()
        if not event.button:
            self._end_stroke(canvas)
            return
        at = self.view_of(canvas).point_at(event.pointer_x, event.pointer_y)
        canvas.move(at, self._pen.radius(canvas), self._ink)
        self.post_message(self.Drawn())

    def on_mouse_up(self, event: events.MouseUp) -> None:
        canvas = self._state.canvas
        if canvas is not None and self._ink is not None:
            event.stop()
            self._end_stroke(canvas)

    def _end_stroke(self, canvas: DrawingCanvas) -> None:
        self._ink = None
        self.release_mouse()
        canvas.release()
        self.post_message(self.Drawn())

    def _rows(self) -> Sequence[Strip]:
        """Return the rows, drawn once for each state, size and theme."""
        styles = [self.get_component_rich_style(f"canvas--{name}") for name in ("ink", "hint", "cursor")]
        ink, hint, cursor = (rgb_of(style.color, _WHITE) for style in styles)
        stamp = (self._state.stamp, self._pen.cursor, self.size, *styles)
        if self._cached[0] != stamp:
            self._cached = (stamp, self._draw(ink, hint, cursor, rgb_of(styles[0].bgcolor, _BLACK)))
        return self._cached[1]

    def _draw(self, ink: Rgb, hint: Rgb, cursor: Rgb, paper: Rgb) -> Sequence[Strip]:
        state, canvas = self._state, self._state.canvas
        if canvas is None:
            text = state.failure if state.closed else f"{state.progress} …"
            lines = "\n".join(wrap(text, max(1, self.size.width - 2)))
            return placeholder_rows(lines, self.size, self.get_component_rich_style("canvas--hint"))
        chain, view = state.chain, self.view_of(canvas)
        shown = self._drawn(canvas, cursor) if chain is None else chain
        cells = render(shown, view, paper, ink if self._few_colours() else None)
        if canvas.is_blank and chain is None and self._pen.cursor is None:
            write_centred(cells, [keyboard_of(self.app).fill(line) for line in HINT], hint)
        return CellRows(cells).strips()

    def _drawn(self, canvas: DrawingCanvas, cursor: Rgb) -> Pixels:
        """Return the drawing with its cursor, over the centred drawing if that is what is scored."""
        shown, scored = canvas.pixels, self._state.scored_image
        if self._state.centres and scored is not None and not canvas.is_blank:
            shown = with_ghost(shown, scored, canvas.paper, cursor)
        return with_cursor(shown, self._pen.cursor, cursor)

    def _few_colours(self) -> bool:
        return self.app.no_color or self.app.console.color_system in ("standard", "windows")
