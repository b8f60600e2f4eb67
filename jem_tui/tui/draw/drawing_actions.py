"""The actions of the keys that change the drawing, the pen or the chain."""

from __future__ import annotations

from collections.abc import Callable

from jem_tui.tui.draw.drawing_canvas import DrawingCanvas
from jem_tui.tui.draw.drawing_state import DrawingState
from jem_tui.tui.draw.pen import Pen

LOADING = "The model is still loading. Press the key again once it is loaded."
DISCARDS = "The drawing is not saved. Close again to discard it, or press {draw-save} to save it as a PNG file."
NOTHING_TO_SAVE = "There is nothing to save yet: draw first."
NOTHING_DRAWN = "Nothing is drawn yet. Draw first; {draw-chain} then lets the sampler move the drawing."
ONLY_GRAY = "Centring is for gray images such as digits. The images of this model have colours."


class DrawingActions:
    """Mixin of a screen with a drawing, which redraws it after each action."""

    drawing: DrawingState
    pen: Pen

    def refresh_now(self) -> None:
        """Display what an action has changed."""
        raise NotImplementedError

    def explain(self, text: str) -> None:
        """Display the reason for which an action has no effect."""
        raise NotImplementedError

    def action_pen(self) -> None:
        """Lower the pen at the cursor, or raise it."""
        self._change(self.pen.lower_or_raise)

    def action_cursor(self, right: int, down: int) -> None:
        """Move the cursor."""
        canvas = self.drawing.canvas
        if canvas is not None:
            if canvas.pressed:
                self.drawing.keep_chain()
            self.pen.move(canvas, right, down)
        self.refresh_now()

    def action_eraser(self) -> None:
        """Switch between the eraser and the pen."""
        self.pen.erasing = not self.pen.erasing
        self.refresh_now()

    def action_thickness(self, by: int) -> None:
        """Change the thickness of lines by a number of sizes, which can be negative."""
        self.pen.change_thickness(by)
        self.refresh_now()

    def action_brush(self) -> None:
        """Select the next shade or colour of the pen."""
        self.pen.next_brush()
        self.refresh_now()

    def action_undo(self) -> None:
        """Undo the last change."""
        self._change(DrawingCanvas.undo, keep=False)

    def action_redo(self) -> None:
        """Repeat the change that was undone last."""
        self._change(DrawingCanvas.redo, keep=False)

    def action_clear(self) -> None:
        """Clear the drawing."""
        self._change(DrawingCanvas.clear, keep=False)

    def action_invert(self) -> None:
        """Exchange dark and light."""
        self._change(DrawingCanvas.invert)

    def action_centre(self) -> None:
        """Switch the centring of drawings before they are scored on or off."""
        if not self.drawing.toggle_centring():
            self.explain(ONLY_GRAY)
        self.refresh_now()

    def action_run_chain(self) -> None:
        """Let the sampler move the drawing, or stop it."""
        self._move_chain(self.drawing.run_or_stop)

    def action_step_chain(self) -> None:
        """Take one step of the sampler."""
        self._move_chain(self.drawing.step)

    def action_restore(self) -> None:
        """Stop the sampler and return to the drawing."""
        self.drawing.restore()
        self.refresh_now()

    def action_pace(self, by: int) -> None:
        """Change the number of sampler steps between two images."""
        self.drawing.change_pace(by)
        self.refresh_now()

    def action_label(self, label: int) -> None:
        """Let the sampler follow p(x|y) of a class, or p(x) again."""
        self.drawing.choose_label(label)
        self.refresh_now()

    def action_next_label(self) -> None:
        """Let the sampler follow p(x|y) of the next class; after the last class, p(x)."""
        self.drawing.next_label()
        self.refresh_now()

    def _move_chain(self, move: Callable[[], None]) -> None:
        """Call `move`, unless the model is not loaded, or the drawing is empty: the sampler would move nothing that can be seen."""
        if not self.drawing.ready:
            self.explain(self.drawing.failure or LOADING)
        elif self.drawing.is_blank and not self.drawing.running:
            self.explain(NOTHING_DRAWN)
        else:
            move()
        self.refresh_now()

    def _change(self, change: Callable[[DrawingCanvas], object], *, keep: bool = True) -> None:
        """Change the drawing; with `keep`, the displayed state of its chain becomes the drawing first."""
        canvas = self.drawing.canvas
        if canvas is None:
            self.explain(self.drawing.failure or LOADING)
            return
        if keep:
            self.drawing.keep_chain()
        else:
            self.drawing.restore()
        change(canvas)
        self.refresh_now()
