"""The draw screen on top of the screen of a run."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jem_tui.tui.draw.choose_scorer import choose_scorer, why_not
from jem_tui.tui.draw.draw_screen import DrawScreen
from jem_tui.tui.keys.remap import keyboard_of

if TYPE_CHECKING:
    from textual.app import App

    from jem_tui.tui.state.drawing_access import DrawingAccess
    from jem_tui.tui.state.session import Session


def open_draw_screen(app: App[Any], session: Session | None, access: DrawingAccess | None) -> None:
    """Open the draw screen for a run, or display why no drawing can be scored."""
    if isinstance(app.screen, DrawScreen):
        return
    reason = why_not(session, access)
    run = session.state.run if session is not None else None
    if reason or session is None or run is None or access is None:
        app.notify(keyboard_of(app).fill(reason), severity="warning", markup=False)
        return
    name = Path(run.info.run_dir).name
    app.push_screen(DrawScreen(name, partial(choose_scorer, session, access), access.read_image))
