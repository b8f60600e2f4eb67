"""Timers of the app while it closes its screens: they find widgets that are removed already."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.screen import Screen

from jem_tui.errors import DivergenceError
from jem_tui.tui import app as app_module
from jem_tui.tui.app import JemApp
from jem_tui.tui.exiting.failure_screen import FailureScreen
from jem_tui.tui.exiting.quit_screen import QuitScreen
from jem_tui.tui.supervision import guarded_app
from tests.tui.sources import FakeSource, jem_app, shows, until

FAST = 1 / 500
"""Seconds between two ticks."""


class Loading(FakeSource):
    """A source that never gets to a run."""

    def events(self) -> Iterator[Any]:
        self.closed.wait(20)
        yield from ()


async def _quit_asked(app: JemApp, pilot: Pilot[Any]) -> None:
    await until(pilot, lambda: shows(app, "TRAINING"))
    await pilot.press("q")
    await until(pilot, lambda: isinstance(app.screen, QuitScreen))


async def _loading(app: JemApp, pilot: Pilot[Any]) -> None:
    await until(pilot, lambda: app.state is not None)


async def _training(app: JemApp, pilot: Pilot[Any]) -> None:
    await until(pilot, lambda: shows(app, "TRAINING"))


async def _failed(app: JemApp, pilot: Pilot[Any]) -> None:
    await until(pilot, lambda: isinstance(app.screen, FailureScreen))


@pytest.fixture
def slow_closing(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let many ticks pass between the removal of the widgets and the end of the timers; return the stages passed."""
    passed: list[str] = []
    close_all, remove_widgets = App._close_all, Screen._message_loop_exit

    async def close_slowly(app: App[object]) -> None:
        await close_all(app)
        await asyncio.sleep(25 * FAST)
        passed.append("without screens")

    async def remove_and_wait(screen: Screen[object]) -> None:
        await remove_widgets(screen)
        await asyncio.sleep(25 * FAST)
        passed.append("without widgets")

    monkeypatch.setattr(App, "_close_all", close_slowly)
    monkeypatch.setattr(Screen, "_message_loop_exit", remove_and_wait)
    monkeypatch.setattr(app_module, "TICK", FAST)
    monkeypatch.setattr(app_module, "LOADING_TICK", FAST)
    monkeypatch.setattr(guarded_app, "PULSE", FAST)
    return passed


@pytest.mark.parametrize(
    ("source", "reach"),
    [
        (Loading, _loading),
        (FakeSource, _training),
        (FakeSource, _quit_asked),
        (lambda: FakeSource(error=DivergenceError("The loss became infinite.", "")), _failed),
    ],
    ids=["loading", "training", "asking", "failed"],
)
async def test_no_tick_fails_on_widgets_that_are_removed(
    source: Callable[[], FakeSource], reach: Callable[[JemApp, Pilot[Any]], Awaitable[None]], slow_closing: list[str]
):
    app = jem_app(source())
    async with app.run_test(size=(80, 24)) as pilot:
        await reach(app, pilot)
    assert app.failure is None
    assert set(slow_closing) == {"without widgets", "without screens"}
