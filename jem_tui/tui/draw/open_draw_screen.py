"""The draw screen on top of the screen of a run."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jem_tui.events.commands import Pause, Resume
from jem_tui.tui.draw.choose_scorer import choose_scorer, why_not
from jem_tui.tui.draw.draw_screen import DrawScreen
from jem_tui.tui.draw.drawing_canvas import empty_canvas
from jem_tui.tui.draw.drawing_state import DrawingState
from jem_tui.tui.keys.remap import keyboard_of

if TYPE_CHECKING:
    from textual.app import App

    from jem_tui.tui.state.drawing_access import DrawingAccess
    from jem_tui.tui.state.session import Session

MOST_KEPT = 8
"""Number of runs whose drawings are kept."""
KEPT: dict[str, DrawingState] = {}
"""The drawing of each run folder, until the process ends; that of the run that was drawn for last is the last one."""


def open_draw_screen(app: App[Any], session: Session | None, access: DrawingAccess | None) -> None:
    """Open the draw screen for a run with the drawing that it had before, or display why no drawing can be scored.

    A replay pauses while the screen is open.
    """
    if isinstance(app.screen, DrawScreen):
        return
    reason = why_not(session, access)
    run = session.state.run if session is not None else None
    if reason or session is None or run is None or access is None:
        app.notify(keyboard_of(app).fill(reason), severity="warning", markup=False)
        return
    drawing = drawing_of(run.info.run_dir, run.info.tile_shape)
    name = Path(run.info.run_dir).name
    screen = DrawScreen(name, partial(choose_scorer, session, access), access.read_image, drawing=drawing)
    paused = _pause_replay(session)
    app.push_screen(screen, lambda _: _resume_replay(session) if paused else None)


def drawing_of(run_dir: str, shape: tuple[int, int, int]) -> DrawingState:
    """Return the drawing that is kept for a run folder; an empty one of `shape` (height, width, channels) at the first call."""
    drawing = KEPT.pop(run_dir, None) or DrawingState()
    KEPT[run_dir] = drawing
    if len(KEPT) > MOST_KEPT:
        del KEPT[next(iter(KEPT))]
    if drawing.canvas is None:
        drawing.canvas = empty_canvas(shape)
    else:
        drawing.canvas.release()
    drawing.forget_scorer()
    return drawing


def _pause_replay(session: Session) -> bool:
    """Pause a replay that is playing, and return whether it was."""
    waits = session.state.paused if session.pending.pause is None else session.pending.pause
    if waits or session.at_end_of_recording or not (session.can("seek") and session.can("pause")):
        return False
    session.send(Pause())
    return True


def _resume_replay(session: Session) -> None:
    if session.can("pause") and not session.at_end_of_recording:
        session.send(Resume())
