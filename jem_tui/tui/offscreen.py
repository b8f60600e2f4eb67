"""The screen of a recording at its end, rendered as SVG without a terminal."""

from __future__ import annotations

import asyncio
from time import monotonic

from textual.pilot import Pilot

from jem_tui.errors import JemError
from jem_tui.events.run import Stopped
from jem_tui.stream.drive import OpenSource
from jem_tui.tui.app import JemApp
from jem_tui.tui.screens.run_screen import RunScreen
from jem_tui.tui.state.run_handle import RunHandle, driving

PATIENCE = 60.0
"""Seconds that a replay may take to reach its end."""
CHECK_SECONDS = 0.05
"""Seconds between two checks of the replay's progress."""
FINAL_REPAINTS = 3
"""Number of final repaints, since the size of some panes depends on the content of others."""


def render_offscreen(open_source: OpenSource, label: str, size: tuple[int, int]) -> str:
    """Return the screen at the end of a replay as SVG; `size` is columns and rows.

    Raises TimeoutError if the replay does not reach its end, JemError if it cannot be opened.
    """
    return asyncio.run(_render(open_source, label, size))


async def _render(open_source: OpenSource, label: str, size: tuple[int, int]) -> str:
    app = JemApp(RunHandle(driving(open_source, lambda event: None)), label=label)
    async with app.run_test(size=size) as pilot:
        screen = await _seek_end(app, pilot)
        for _ in range(FINAL_REPAINTS):
            screen.draw_everything()
            await pilot.pause(CHECK_SECONDS)
        return app.export_screenshot(title=label)


async def _seek_end(app: JemApp, pilot: Pilot[Stopped]) -> RunScreen:
    """Seek to the end of the replay once its screen accepts keys, and wait for the last event."""
    deadline = monotonic() + PATIENCE
    sought = False
    while monotonic() < deadline:
        state, screen = app.state, app.screen
        if state is not None and state.stopped is not None:
            raise JemError(
                state.stopped.error or "The recording cannot be replayed.", "Leave out the screen with --only."
            )
        if isinstance(screen, RunScreen) and state is not None and state.run is not None:
            if state.run.ended:
                return screen
            if not sought and state.recording is not None:
                await pilot.press("end")
                sought = True
        await pilot.pause(CHECK_SECONDS)
    raise TimeoutError
