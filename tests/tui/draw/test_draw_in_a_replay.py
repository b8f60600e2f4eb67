"""The key D in a replay: when the model opens, a replay that pauses, and a drawing that outlives the screen."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np

from jem_tui.events.run import ReportProgress
from jem_tui.tui.draw.draw_screen import DrawScreen
from jem_tui.tui.state.drawing_access import THREAD_NAME
from tests.tui.draw.fake_drawings import FakeDrawings, drawing_on, fake_access, reached, shows_notice
from tests.tui.sources import FakeSource, jem_app, shows
from tests.wait_until import PATIENCE

SIZE = (120, 35)


async def test_a_replay_opens_the_model_when_the_key_is_pressed_and_not_before():
    drawings = FakeDrawings()
    app = jem_app(FakeSource(activity="replaying"))
    app.run_handle.drawing = fake_access(drawings)
    async with app.run_test(size=SIZE) as pilot:
        await reached(pilot, lambda: shows(app, "REPLAYING"))
        assert not drawings.opened_on
        await drawing_on(app, pilot, "REPLAYING")
        assert drawings.opened_on == THREAD_NAME
        await pilot.press("D", "escape")
        await reached(pilot, lambda: not isinstance(app.screen, DrawScreen))
        assert app.failure is None


class LateSource(FakeSource):
    """A recording that is read only once `may_open` is set."""

    def __init__(self, **how: Any) -> None:
        super().__init__(**how)
        self.may_open = threading.Event()

    def open(self, report: ReportProgress) -> FakeSource:
        assert self.may_open.wait(PATIENCE)
        return super().open(report)


async def test_the_key_names_the_next_action_while_the_recording_loads():
    source = LateSource(activity="replaying")
    app = jem_app(source)
    async with app.run_test(size=SIZE) as pilot:
        await reached(pilot, lambda: app._session is not None)
        await pilot.press("D")
        await reached(pilot, lambda: shows_notice(app, "Press D again once it has started"))
        source.may_open.set()
        await reached(pilot, lambda: shows(app, "REPLAYING"))


async def test_a_drawing_outlives_the_screen_and_the_replay_pauses_meanwhile():
    app = jem_app(FakeSource(activity="replaying"))
    app.run_handle.drawing = fake_access(FakeDrawings())
    async with app.run_test(size=SIZE) as pilot:
        screen, state = await drawing_on(app, pilot, "REPLAYING")
        await reached(pilot, lambda: app._session is not None and app._session.state.paused)
        assert shows(app, "model saved at step 5")
        await pilot.press("space", "right", "space")
        assert state.canvas is not None and not state.canvas.is_blank
        drawn = state.canvas.pixels.copy()
        await pilot.press("escape")
        await reached(pilot, lambda: app._session is not None and not app._session.state.paused)
        again, state = await drawing_on(app, pilot, "REPLAYING")
        assert again is not screen and state.canvas is not None and np.array_equal(state.canvas.pixels, drawn)
        await pilot.press("u")
        assert state.canvas.is_blank


async def test_a_replay_that_was_paused_stays_paused():
    app = jem_app(FakeSource(activity="replaying"))
    app.run_handle.drawing = fake_access(FakeDrawings())
    async with app.run_test(size=SIZE) as pilot:
        await reached(pilot, lambda: shows(app, "REPLAYING"))
        await pilot.press("p")
        await reached(pilot, lambda: shows(app, "PAUSED"))
        await drawing_on(app, pilot, "")
        await pilot.press("escape")
        await reached(pilot, lambda: not isinstance(app.screen, DrawScreen))
        session = app._session
        assert session is not None and session.state.paused and session.pending.pause is None
