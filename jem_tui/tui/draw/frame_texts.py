"""The texts around a drawing: the title of the screen, and those of the frame of the drawing."""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len
from textual.content import Content

from jem_tui.tui.draw.drawing_state import DrawingState
from jem_tui.tui.draw.pen import Pen
from jem_tui.tui.keys.remap import Keyboard
from jem_tui.tui.preferences.theme import MUTED
from jem_tui.tui.state import text_formats


def screen_title(state: DrawingState, run_name: str, width: int, *, saved: bool) -> Content:
    """Return the name of the run and the step of its weights, in the words that fit into `width` columns.

    `saved` weights are those of a checkpoint or a model file.
    """
    room = width - len(" draw  ") - 4
    facts = [*_facts(state, saved=saved)] or [""]
    fact = next((each for each in facts if len(each) + cell_len(run_name) <= room), facts[-1])
    name = text_formats.shorten(run_name, max(1, room - len(fact)))
    return Content.assemble(("draw", "bold $text-primary"), (f"  {name}", "bold $foreground"), (f"  {fact}", MUTED))


def _facts(state: DrawingState, *, saved: bool) -> Iterator[str]:
    """Yield descriptions of the weights that score the drawing, the longest first; none before the first score."""
    if state.score is None or state.model is None:
        return
    step = f"step {state.score.step:,}"
    model = f"model saved at {step}" if saved else step
    if state.model.averaged:
        yield f"{model} · averaged weights"
    yield from dict.fromkeys((model, step))


def frame_title(state: DrawingState) -> str:
    """Return the title of the frame: the drawing, or the steps of the chain that is displayed."""
    return f"chain after {state.moved:,} step{'s' if state.moved != 1 else ''}" if state.moved else "drawing"


def frame_subtitle(state: DrawingState, pen: Pen, keyboard: Keyboard) -> str:
    """Return the activity of the sampler, or else the properties of the pen; "" without a drawing."""
    if state.canvas is None:
        return ""
    if state.running:
        return keyboard.fill(f"{{draw-chain}} stop · {{draw-slower}}{{draw-faster}} speed ×{state.pace}")
    return keyboard.fill("{draw-restore} restore the drawing") if state.moved else pen.described(state.canvas)
