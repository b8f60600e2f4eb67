"""The draw screen: a drawing, its score by a run's network, and the chain of the run's sampler that starts from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Horizontal
from textual.geometry import Size
from textual.screen import Screen
from textual.widgets import Static

from jem_tui.errors import InputError
from jem_tui.printable import printable
from jem_tui.tui.draw.canvas_view import CanvasView
from jem_tui.tui.draw.canvas_widget import CanvasWidget
from jem_tui.tui.draw.drawing_actions import DISCARDS, LOADING, NOTHING_TO_SAVE, DrawingActions
from jem_tui.tui.draw.drawing_canvas import DrawingCanvas, png_of
from jem_tui.tui.draw.drawing_help import EXPLANATION
from jem_tui.tui.draw.drawing_state import DrawingState
from jem_tui.tui.draw.frame_texts import frame_subtitle, frame_title, screen_title
from jem_tui.tui.draw.open_image_screen import OpenImageScreen
from jem_tui.tui.draw.pen import Pen
from jem_tui.tui.draw.score_pane import ScorePane
from jem_tui.tui.draw.scorer import FRAME, NoScorer, Scorer
from jem_tui.tui.help.explained_screen import ExplainedScreen
from jem_tui.tui.help.help_entry import HelpSection
from jem_tui.tui.help.help_pages import paragraphs
from jem_tui.tui.keys import bindings_of, export_bindings
from jem_tui.tui.keys.draw_keys import DIGITS
from jem_tui.tui.keys.remap import keyboard_of
from jem_tui.tui.panes.key_footer import KeyFooter
from jem_tui.tui.supervision.exporting_app import ExportingApp

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from jem_tui.tui.state.copied_text import Copied

    ReadImage = Callable[[Path, tuple[int, int, int]], NDArray[np.uint8]]

MIN_WIDTH, MIN_HEIGHT = 58, 16
SCORE_WIDTHS = ((160, 62), (110, 50), (0, 22))
"""Minimum width of the pane of the score, without its frame, by the minimum width of the screen."""
REFUSAL_SECONDS = 10.0
"""Seconds that the reason stays for which an image cannot be read."""
FRAMES = 2
"""Rows or columns of the frame of a pane."""
BARS = 2
"""Rows of title and footer."""


class DrawScreen(DrawingActions, ExplainedScreen, Screen[None], inherit_bindings=False):
    """A screen that sends the drawing to a scorer, one request at a time, and displays the answers."""

    AUTO_FOCUS = ""
    KEYS_OF = "draw"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("draw"), *DIGITS, *export_bindings()]

    def __init__(
        self,
        name: str,
        choose_scorer: Callable[[], Scorer],
        read_image: ReadImage,
        image: Path | None = None,
        *,
        drawing: DrawingState | None = None,
    ) -> None:
        """Draw for the run called `name`. `choose_scorer` is called again when the scorer has ended; `image` is opened first.

        A `drawing` that is given is the caller's and outlives the screen.
        """
        super().__init__()
        self._run_name = name
        self._choose_scorer = choose_scorer
        self._read_image = read_image
        self._image = image
        self.drawing = drawing or DrawingState()
        self._discards = drawing is None
        """True if the drawing is lost with the screen."""
        self._warned: int | None = None
        """The revision of the drawing for which the user has been warned of the loss."""
        self.pen = Pen()
        self._canvas = CanvasWidget(self.drawing, self.pen, id="draw-canvas")
        self._score = ScorePane(id="draw-score")
        self._scorer: Scorer = NoScorer()
        self._asked = 0.0
        self._drawn: object = None

    def compose(self) -> ComposeResult:
        yield Static(id="draw-title", markup=False)
        with Horizontal(id="draw-body"):
            with Container(id="draw-frame"):
                yield self._canvas
            yield self._score
        yield KeyFooter()
        yield Static(id="too-small")

    def on_mount(self) -> None:
        self.call_after_refresh(self._start)

    def _start(self) -> None:
        """Open the model after the first frame, which the import of torch would delay."""
        if self.is_attached:
            self._scorer = self._choose_scorer()
            self.set_interval(FRAME, self._tick)

    def on_unmount(self) -> None:
        self._scorer.close()

    def on_resize(self, event: events.Resize) -> None:
        width, height = event.size
        small = width < MIN_WIDTH or height < MIN_HEIGHT
        self.set_class(small, "-too-small")
        note = f"too small: {width}×{height}, needs {MIN_WIDTH}×{MIN_HEIGHT}\n{{draw-back}} goes back"
        self.query_one("#too-small", Static).update(keyboard_of(self.app).fill(note))
        self._fit(event.size)

    def _fit(self, size: Size) -> None:
        """Give the drawing the largest scale that leaves room for the score."""
        width, height = self.content_columns, size.height
        canvas = self.drawing.canvas
        score = next(least for from_width, least in SCORE_WIDTHS if width >= from_width)
        pixels = canvas.shape[:2] if canvas is not None else (28, 28)
        room = CanvasView(pixels, width - score - 2 * FRAMES - 2, height - BARS - FRAMES)
        self.query_one("#draw-frame").styles.width = max(24, room.size[0]) + FRAMES
        self.call_after_refresh(self.refresh_now)

    def _tick(self) -> None:
        """Take the answers that have arrived, and send the next request that is due."""
        drawing = self.drawing
        if self._scorer.ended:
            drawing.forget_scorer()
            self._scorer = self._choose_scorer()
        before = (drawing.canvas, drawing.ready)
        for answer in self._scorer.received():
            drawing.take(answer)
        if (drawing.canvas, drawing.ready) != before:
            self._begin()
        seconds = drawing.score.seconds if drawing.score is not None else 0.0
        if monotonic() - self._asked >= self._scorer.interval(seconds):
            request = drawing.next_request()
            if request is not None:
                self._asked = monotonic()
                self._scorer.send(request)
        self.refresh_now()

    def _begin(self) -> None:
        """Open the image of the command line once the model is known."""
        self._fit(self.size)
        if self._image is not None and self.drawing.ready:
            self._open(self._image)
            self._image = None

    def refresh_now(self) -> None:
        """Draw what has changed."""
        drawing, pen = self.drawing, self.pen
        stamp = (drawing.stamp, pen.cursor, pen.stamp, self._canvas.size, self._score.content_size, self.app.theme)
        if stamp == self._drawn or not self.query("#draw-title"):
            return
        self._drawn = stamp
        self._canvas.refresh()
        self._score.draw(drawing)
        title = screen_title(drawing, self._run_name, self.size.width, saved=self._scorer.saved)
        self.query_one("#draw-title", Static).update(title, layout=False)
        frame = self.query_one("#draw-frame")
        frame.set_class(bool(drawing.moved), "-chain")
        frame.border_title = frame_title(drawing)
        self._score.border_title = "score of the chain" if drawing.moved else "score of the drawing"
        frame.border_subtitle = frame_subtitle(drawing, pen, keyboard_of(self.app))

    def explain(self, text: str) -> None:
        """Display the reason for which an action has no effect."""
        self.notify(keyboard_of(self.app).fill(text), severity="warning", markup=False)

    def copied(self) -> Copied | None:
        """Return the energy and p(y|x) of the drawing, or of the chain that started from it; None without a score."""
        score, model = self.drawing.score, self.drawing.model
        if score is None or model is None or self.drawing.is_blank:
            return None
        from jem_tui.tui.draw.score_rows import copied_rows
        from jem_tui.tui.state.copied_text import copied_table

        what = "the score of the chain" if self.drawing.moved else "the score of the drawing"
        return copied_table(what, copied_rows(score, self.drawing.reference, model.class_names))

    def on_canvas_widget_drawn(self) -> None:
        self.refresh_now()

    def action_open_image(self) -> None:
        """Ask for an image file."""
        if not self.drawing.ready:
            self.explain(self.drawing.failure or LOADING)
        elif self.drawing.canvas is not None:
            self.app.push_screen(OpenImageScreen(), lambda path: self._open(Path(path)) if path else None)

    def display_help(self) -> Sequence[HelpSection]:
        """Return what the screen displays."""
        return (paragraphs("the display", EXPLANATION),)

    def help_toggled(self) -> None:
        """Fit the drawing into the columns that the help leaves."""
        self._fit(self.size)

    def action_back(self) -> None:
        """Close the draw screen and end its scorer; a drawing that would be lost needs a second request."""
        canvas = self.drawing.canvas
        if self._discards and canvas is not None and self.drawing.unsaved and self._warned != canvas.revision:
            self._warned = canvas.revision
            self.explain(DISCARDS)
        else:
            self.dismiss()

    def action_save(self) -> None:
        """Save the drawing, or the state of its chain, as a PNG file."""
        image, app = self.drawing.displayed, self.app
        if image is None or self.drawing.is_blank or not isinstance(app, ExportingApp):
            self.explain(NOTHING_TO_SAVE)
        elif app.save_picture(partial(png_of, image), "drawing") and self.drawing.chain is None:
            self.drawing.note_saved()

    def _open(self, path: Path) -> None:
        """Read an image file on a thread, as a large one takes seconds."""
        canvas = self.drawing.canvas
        if canvas is not None:
            read = partial(self._read, self.app, path, canvas)
            self.run_worker(read, thread=True, exclusive=True, exit_on_error=False)

    def _read(self, app: App[Any], path: Path, canvas: DrawingCanvas) -> None:
        try:
            pixels = self._read_image(path, canvas.shape)
        except InputError as error:
            notice = partial(app.notify, printable(str(error)), severity="error", markup=False, timeout=REFUSAL_SECONDS)
            app.call_from_thread(notice)
        else:
            app.call_from_thread(self._show_image, canvas, pixels)

    def _show_image(self, canvas: DrawingCanvas, pixels: NDArray[np.uint8]) -> None:
        self.drawing.restore()
        canvas.replace(pixels)
        self.drawing.note_saved()
        self.refresh_now()
