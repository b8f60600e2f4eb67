"""Runs to browse, and the browser in a test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from jem_tui.tui.browser.browser_app import BrowserApp
from jem_tui.tui.browser.browser_choice import BrowserChoice
from jem_tui.tui.browser.browser_state import BrowserState
from tests.stream.stream_events import record, small_run, started, step_done, stopped
from tests.tui.sources import screen_rows, until

SIZE = (130, 40)


def recorded_runs(root: Path, names: tuple[str, ...] = ("alpha", "beta")) -> Path:
    """Record finished runs with scores and samples, and return their folder."""
    for name in names:
        record(root / name, small_run())
    return root


def short_run(folder: Path, steps: int = 5, **settings: object) -> Path:
    """Record a run without samples."""
    events = [started(config={"sgld": {"steps": 5}, **settings})]
    return record(folder, [*events, *(step_done(step) for step in range(1, steps + 1)), stopped(steps)])


@asynccontextmanager
async def browsing(
    root: Path, size: tuple[int, int] = SIZE, state: BrowserState | None = None
) -> AsyncIterator[tuple[BrowserApp, Pilot[BrowserChoice]]]:
    """Run the browser until its thread has searched the folder."""
    state = state or BrowserState(root)
    app = BrowserApp(state)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: state.reading.searched)
        yield app, pilot


def row_of(app: Any, name: str) -> str:
    return next((row for row in screen_rows(app) if f" {name} " in row), "")


def noticed(app: BrowserApp, text: str) -> bool:
    """Return whether a notice of `app` contains `text`."""
    return any(text in notification.message for notification in app._notifications)
