"""The screen of a recording at its end, as a picture, without a terminal."""

from __future__ import annotations

import asyncio
from time import monotonic

from textual.pilot import Pilot

from jem_tui.errors import JemError
from jem_tui.events.run import Stopped
from jem_tui.stream.drive import OpenSource
from jem_tui.tui.app import JemApp
from jem_tui.tui.screens.run_screen import RunScreen
from jem_tui.tui.state.run_handle import RunHandle

PATIENCE = 60.0
"""Seconds that a recording gets to reach its end."""
GLANCE = 0.05
"""Seconds between two checks of the replay's progress."""
SETTLING = 3
"""Times that everything is drawn at the end: panes whose size follows from what others show come later."""


def render_offscreen(open_source: OpenSource, label: str, size: tuple[int, int]) -> str:
    """Return the last screen of a replay as SVG; `size` is columns and rows.

    Raises TimeoutError where the replay does not get to its end, JemError where it cannot be opened.
    """
    return asyncio.run(_render(open_source, label, size))


async def _render(open_source: OpenSource, label: str, size: tuple[int, int]) -> str:
    app = JemApp(RunHandle(open_source, lambda event: None), label=label)
    async with app.run_test(size=size) as pilot:
        screen = await _at_the_end(app, pilot)
        for _ in range(SETTLING):
            screen.draw_everything()
            await pilot.pause(GLANCE)
        return app.export_screenshot(title=label)


async def _at_the_end(app: JemApp, pilot: Pilot[Stopped]) -> RunScreen:
    """Jump to the end of the replay once its screen takes keys, and wait until the last event is in the state."""
    deadline = monotonic() + PATIENCE
    jumped = False
    while monotonic() < deadline:
        state, screen = app.state, app.screen
        if state is not None and state.stopped is not None:
            raise JemError(
                state.stopped.error or "The recording cannot be replayed.", "Leave out the screen with --only."
            )
        if isinstance(screen, RunScreen) and state is not None and state.run is not None:
            if state.run.ended:
                return screen
            if not jumped and state.recording is not None:
                await pilot.press("end")
                jumped = True
        await pilot.pause(GLANCE)
    raise TimeoutError
