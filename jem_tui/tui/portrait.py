"""The screen of a recording at its end, as a picture, without a terminal."""

from __future__ import annotations

import asyncio
from time import monotonic

from jem_tui.stream.drive import OpenSource
from jem_tui.tui.app import JemApp

PATIENCE = 60.0
"""Seconds that a recording gets to reach its end."""
SETTLED = 0.6
"""Seconds after that in which the screen draws everything once more."""


def portrait(open_source: OpenSource, label: str, size: tuple[int, int]) -> str:
    """The last screen of a replay as SVG; `size` is columns and rows. Raises TimeoutError if it does not get there."""
    return asyncio.run(_portrait(open_source, label, size))


async def _portrait(open_source: OpenSource, label: str, size: tuple[int, int]) -> str:
    app = JemApp(open_source, lambda event: None, label=label)
    async with app.run_test(size=size) as pilot:
        deadline = monotonic() + PATIENCE
        pressed = False
        while not (app.state is not None and app.state.run is not None and app.state.run.ended):
            if monotonic() > deadline:
                raise TimeoutError
            if not pressed and app.state is not None and app.state.run is not None:
                await pilot.press("end")
                pressed = True
            await pilot.pause(0.05)
        await pilot.pause(SETTLED)
        return app.export_screenshot(title=label)
