"""A run under a supervised screen, without a terminal."""

from __future__ import annotations

import itertools
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from textual.pilot import Pilot

from jem_tui.events.run import Event, StepDone, Stopped
from jem_tui.tui.app import JemApp
from jem_tui.tui.exiting.quit_screen import QuitScreen
from jem_tui.tui.state.run_handle import RunHandle, driving
from jem_tui.tui.state.worker import Worker
from jem_tui.tui.supervised_screen import launch_app, supervise_screen
from jem_tui.tui.supervision.screen_failure import ScreenFailure
from tests.tui.sources import FakeSource, text_of, until
from tests.wait_until import PATIENCE

SIZE = (120, 35)
MOST_SCREENS = 12
"""Number of screens beyond which the supervisor counts as restarting forever."""
Act = Callable[[JemApp, Pilot[Any]], Awaitable[None]]


class BoomError(Exception):
    """The fault that a test injects."""


class SupervisedRun:
    """A fake run on supervised screens, on each of which a function acts as the user."""

    def __init__(self, source: FakeSource, seconds_between: float = 100.0) -> None:
        self.source = source
        self.recorded: list[Event] = []
        self.run = RunHandle(driving(source.open, self.recorded.append))
        self.reported: list[ScreenFailure] = []
        self.apps: list[JemApp] = []
        clock = itertools.count(0.0, seconds_between)
        self._now = lambda: next(clock)

    def show(self, act: Callable[[JemApp, Pilot[Any], int], Awaitable[None]]) -> Stopped | None:
        def launch(app: JemApp) -> Stopped | None:
            number = len(self.apps)
            assert number < MOST_SCREENS, [failure.details for failure in self.reported]
            self.apps.append(app)

            async def pilot(pilot: Pilot[Any]) -> None:
                try:
                    await act(app, pilot, number)
                except Exception as error:
                    # a screen that fails ends what is done on it
                    app._handle_exception(error)

            return launch_app(app, headless=True, size=SIZE, auto_pilot=pilot)

        return supervise_screen(self.run, self._make, self._report, launch, self._now)

    def _make(self, notice: str) -> JemApp:
        return JemApp(self.run, label="fake · conv · fast", notice=notice)

    def _report(self, failure: ScreenFailure) -> str:
        self.reported.append(failure)
        return failure.sentence

    @property
    def steps(self) -> list[int]:
        return [event.step for event in self.recorded if isinstance(event, StepDone)]

    @property
    def alive(self) -> bool:
        return isinstance(self.run.worker, Worker) and self.run.worker._thread.is_alive()

    def end(self) -> None:
        """Stop the run, unless the user has stopped it."""
        if self.run.worker is not None:
            self.run.worker.close(PATIENCE)
        assert not self.alive


async def save_and_leave(app: JemApp, pilot: Pilot[Any]) -> None:
    """Wait for a few steps, then quit and save by the keys."""

    def under_way() -> bool:
        run = app.state.run if app.state is not None else None
        return "TRAINING" in text_of(app, "#header") and run is not None and run.step > 3

    await until(pilot, under_way)
    await pilot.press("q")
    await until(pilot, lambda: isinstance(app.screen, QuitScreen))
    await pilot.press("s")
    await until(pilot, lambda: app.return_value is not None)


def saved_whole(supervised: SupervisedRun) -> Iterator[bool]:
    """Yield whether the run was recorded without a gap, its curves have every point, and its checkpoint was written."""
    yield supervised.steps == list(range(1, len(supervised.steps) + 1))
    session = supervised.run.session
    assert session is not None and session.state.run is not None
    yield len(session.state.run.series["JEM/total"]) == len(supervised.steps)
    yield [type(command).__name__ for command in supervised.source.commands].count("SaveNow") == 1
