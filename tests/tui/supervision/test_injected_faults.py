"""Faults injected into the methods and keys of the screen: the run continues, and a new screen shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

import pytest

from jem_tui.events.commands import Command
from jem_tui.events.run import Event
from jem_tui.tui.app import JemApp
from jem_tui.tui.exiting.quit_screen import QuitScreen
from jem_tui.tui.help.help_panel import HelpPanel
from jem_tui.tui.keys import KEYS
from jem_tui.tui.panes.workspace import Workspace
from jem_tui.tui.screens.loading_screen import LoadingScreen
from jem_tui.tui.screens.run_screen import RunScreen
from jem_tui.tui.state.run_state import RunState
from jem_tui.tui.state.session import Session
from jem_tui.tui.supervision.palette_screen import PaletteScreen
from tests.tui.sources import TRAINING, FakeSource, run_started, samples, text_of, until
from tests.tui.supervised_run import BoomError, SupervisedRun, save_and_leave, saved_whole

PLACES: dict[str, tuple[type, str, str]] = {
    "compose of the first screen": (LoadingScreen, "compose", ""),
    "compose of the run": (RunScreen, "compose", ""),
    "compose of the panes": (Workspace, "compose", ""),
    "mount of the app": (JemApp, "on_mount", ""),
    "mount of the panes": (Workspace, "on_mount", ""),
    "start": (JemApp, "_start", ""),
    "tick of the app": (JemApp, "_tick", ""),
    "tick of the run": (RunScreen, "tick", ""),
    "events": (Session, "drain", ""),
    "resize": (RunScreen, "on_resize", ""),
    "layout": (RunScreen, "_refresh_layout", ""),
    "rows of the screen": (RunScreen, "render_lines", ""),
    "bindings": (RunScreen, "check_action", ""),
    "help": (HelpPanel, "compose", "question_mark"),
    "palette": (PaletteScreen, "compose", "ctrl+p"),
    "keys of the palette": (PaletteScreen, "_action_command_list", "ctrl+p pagedown"),
    "question of q": (QuitScreen, "compose", "q"),
}
"""Methods that fail, with the keys that call them."""


@pytest.fixture
def fail(monkeypatch: pytest.MonkeyPatch) -> Callable[[type, str, int], list[int]]:
    """Have a method raise the next `times` times; the list counts how often it still will."""

    def install(owner: type, name: str, times: int = 1) -> list[int]:
        left = [times]
        whole = getattr(owner, name)

        @wraps(whole)
        def method(self: Any, *args: Any, **kwargs: Any) -> Any:
            if left[0]:
                left[0] -= 1
                raise BoomError(f"{owner.__name__}.{name}")
            return whole(self, *args, **kwargs)

        monkeypatch.setattr(owner, name, method)
        return left

    return install


QUICK = (
    "compose of the first screen",
    "events",
    "rows of the screen",
    "palette",
)
"""Places that stand for all in the fast tests: one of each way in which a screen is called."""


@pytest.mark.parametrize(
    "place", [place if place in QUICK else pytest.param(place, marks=pytest.mark.slow) for place in PLACES]
)
def test_after_any_failure_the_run_continues_on_a_new_screen(place, fail):
    owner, name, keys = PLACES[place]
    supervised = SupervisedRun(FakeSource())
    left = fail(owner, name)

    async def act(app, pilot, number):
        if number == 0 and keys:
            await until(pilot, lambda: "TRAINING" in text_of(app, "#header"))
            await pilot.press(*keys.split())
        if left[0]:
            await until(pilot, lambda: not left[0])
        if number == 0 and keys:
            await until(pilot, lambda: app.failure is not None)
        else:
            await save_and_leave(app, pilot)

    stopped = supervised.show(act)
    supervised.end()
    assert [failure.cause for failure in supervised.reported] == [f"BoomError: {owner.__name__}.{name}"]
    assert "BoomError" in supervised.reported[0].details
    assert stopped is not None and stopped.reason == "stopped"
    assert stopped.step == supervised.steps[-1]
    assert all(saved_whole(supervised))


def test_a_failure_during_the_exit_does_not_change_the_end(fail):
    supervised = SupervisedRun(FakeSource())
    fail(JemApp, "on_unmount")
    stopped = supervised.show(lambda app, pilot, number: save_and_leave(app, pilot))
    supervised.end()
    assert (len(supervised.apps), [failure.cause for failure in supervised.reported]) == (
        1,
        ["BoomError: JemApp.on_unmount"],
    )
    assert stopped is not None and stopped.reason == "stopped"
    assert all(saved_whole(supervised))


def test_a_screen_that_cannot_be_created_is_abandoned(fail):
    supervised = SupervisedRun(FakeSource(), seconds_between=1.0)
    fail(JemApp, "get_css_variables", 3)
    assert supervised.show(lambda app, pilot, number: save_and_leave(app, pilot)) is None
    assert (len(supervised.apps), len(supervised.reported)) == (0, 3)


OFFERED = [key for key in KEYS if not key.focus and (key.need is None or key.need in TRAINING | {"steer"})]


@pytest.mark.slow
@pytest.mark.parametrize("part", [0, *(pytest.param(part, marks=pytest.mark.exhaustive) for part in range(1, 4))])
def test_every_key_may_fail(monkeypatch, part):
    keys = OFFERED[part::4]
    run_action = JemApp.run_action
    armed = []

    async def run(self, action, *args, **kwargs):
        if armed and armed[-1] == action:
            armed.pop()
            raise BoomError(action)
        return await run_action(self, action, *args, **kwargs)

    monkeypatch.setattr(JemApp, "run_action", run)
    monkeypatch.setattr("tests.tui.supervised_run.MOST_SCREENS", len(keys) + 2)
    supervised = SupervisedRun(FakeSource())

    async def act(app, pilot, number):
        await until(pilot, lambda: "TRAINING" in text_of(app, "#header"))
        if number < len(keys):
            armed.append(keys[number].textual_action)
            app.simulate_key(keys[number].keys.partition(",")[0])
            await until(pilot, lambda: app.failure is not None)
        await save_and_leave(app, pilot)

    stopped = supervised.show(act)
    supervised.end()
    assert [failure.cause for failure in supervised.reported] == [f"BoomError: {key.textual_action}" for key in keys]
    assert stopped is not None and stopped.reason == "stopped"
    assert all(saved_whole(supervised))


class Answering:
    """A worker that has a single event."""

    ended = None

    def __init__(self, event: Event) -> None:
        self._event = event

    def send(self, command: Command) -> None:
        pass

    def received(self) -> Iterator[Event]:
        yield self._event


def test_a_request_is_answered_even_if_the_screen_fails_on_the_answer(fail):
    session = Session(Answering(samples(3)))
    session.state.apply(run_started(abilities=frozenset({"reseed"})))
    session.request_samples(0.0)
    assert not session.pending.request_samples(10.0), "a request is under way"
    fail(RunState, "apply", 1)
    with pytest.raises(BoomError):
        session.drain()
    assert session.pending.request_samples(20.0)
