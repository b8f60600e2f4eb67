"""Sizes that the terminal no longer has, on every screen of the program."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from textual.events import Resize
from textual.geometry import Size
from textual.screen import Screen

from jem_tui.events.run import Stopped
from jem_tui.tui.exiting.failure_screen import FailureScreen
from jem_tui.tui.exiting.quit_screen import OF_VIEWER, QuitScreen, choices_of_owner
from jem_tui.tui.replay.goto_screen import GoToScreen
from jem_tui.tui.screens.summary_screen import SummaryScreen
from jem_tui.tui.state.run_state import RunState
from jem_tui.tui.supervision.palette_screen import PaletteScreen
from tests.examples import examples
from tests.tui.sources import FakeSource, jem_app, run_started, samples, shows, step_done, until


def ended_state() -> RunState:
    """Return the state of a run that has ended after a step."""
    state = RunState()
    for event in (run_started(), step_done(1), samples(1), Stopped(step=1, images=1, time=0.0, reason="finished")):
        state.apply(event)
    return state


SCREENS: dict[str, Callable[[], Screen] | None] = {
    "run": None,
    "failure": lambda: FailureScreen("The run failed", Stopped(step=1, images=1, time=0.0, reason="failed"), "", ""),
    "goto": lambda: GoToScreen((0, 10)),
    "palette": PaletteScreen,
    "summary": lambda: SummaryScreen(ended := ended_state(), ended.run, None),
    "quit": lambda: QuitScreen("Leave?", choices_of_owner(7, None)),
    "quit of a viewer": lambda: QuitScreen("Leave?", OF_VIEWER),
}
SIZES = st.lists(st.tuples(st.integers(1, 250), st.integers(1, 80)), min_size=2, max_size=6)


@pytest.mark.parametrize("name", SCREENS)
async def test_sizes_of_the_past_change_nothing_and_end(name):
    app = jem_app(FakeSource(total=3))
    async with app.run_test(size=(120, 35)) as pilot:
        await until(pilot, lambda: shows(app, "FINISHED"))
        opened = SCREENS[name]
        if opened is not None:
            await app.push_screen(opened())
        screen = app.screen
        for size in [Size(80, 24), Size(60, 20), Size(80, 24), Size(1, 1), Size(250, 60)]:
            screen.post_message(Resize(size, size))
            # Textual merges only neighbours in the queue
            screen.call_later(lambda: None)
        await until(pilot, lambda: screen._message_queue.empty())
        assert screen.size == app.size == Size(120, 35)


@given(sizes=SIZES)
@settings(max_examples=examples(3), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_after_a_storm_the_screen_has_the_size_of_the_terminal(sizes):
    async def storm() -> None:
        app = jem_app(FakeSource(total=3))
        async with app.run_test(size=(120, 35)) as pilot:
            await until(pilot, lambda: shows(app, "FINISHED"))
            for width, height in sizes:
                size = Size(width, height)
                app.post_message(Resize(size, size))
                app.screen.post_message(Resize(size, size))
                app.screen.call_later(lambda: None)
            await until(pilot, lambda: app.screen.size == Size(*sizes[-1]) and app.screen._message_queue.empty())

    asyncio.run(storm())
