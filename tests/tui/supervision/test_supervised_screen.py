"""Faults injected into every part of the screen: the run lasts, and a new screen shows it."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from functools import wraps
from types import SimpleNamespace
from typing import Any

import pytest
from textual.pilot import Pilot

from jem_tui.cli.headless import follow
from jem_tui.events.commands import Command
from jem_tui.events.run import Event, StepDone, Stopped
from jem_tui.signals import AT_ONCE, ENDING
from jem_tui.tui.app import JemApp
from jem_tui.tui.keys import KEYS
from jem_tui.tui.panes.workspace import Workspace
from jem_tui.tui.screens.failure_screen import FailureScreen
from jem_tui.tui.screens.help_screen import HelpScreen
from jem_tui.tui.screens.loading_screen import LoadingScreen
from jem_tui.tui.screens.quit_screen import QuitScreen
from jem_tui.tui.screens.run_screen import RunScreen
from jem_tui.tui.state.run_handle import RunHandle
from jem_tui.tui.state.run_state import RunState
from jem_tui.tui.state.session import Session
from jem_tui.tui.supervision import ending_signals, freeze_detector, guarded_app
from jem_tui.tui.supervision.ending_signals import ScreenSignals
from jem_tui.tui.supervision.palette_screen import PaletteScreen
from tests.tui.sources import TRAINING, FakeSource, run_started, samples, text_of, until
from tests.tui.supervised_run import BoomError, SupervisedRun

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
    "help": (HelpScreen, "compose", "question_mark"),
    "palette": (PaletteScreen, "compose", "ctrl+p"),
    "keys of the palette": (PaletteScreen, "_action_command_list", "ctrl+p pagedown"),
    "question of q": (QuitScreen, "compose", "q"),
    "picture": (JemApp, "export_screenshot", "S"),
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


async def save_and_leave(app: JemApp, pilot: Pilot[Any]) -> None:
    await until(pilot, lambda: "TRAINING" in text_of(app, "#header") and app.state.run.step > 3)
    await pilot.press("q")
    await until(pilot, lambda: isinstance(app.screen, QuitScreen))
    await pilot.press("s")
    await until(pilot, lambda: app.return_value is not None)


def saved_whole(supervised: SupervisedRun) -> Iterator[bool]:
    """Yield whether the run was recorded without a gap, its curves have every point, and its checkpoint was written."""
    yield supervised.steps == list(range(1, len(supervised.steps) + 1))
    yield len(supervised.run.session.state.run.series["JEM/total"]) == len(supervised.steps)
    yield [type(command).__name__ for command in supervised.source.emitted].count("SaveNow") == 1


QUICK = (
    "compose of the first screen",
    "mount of the panes",
    "tick of the run",
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
        if number or not keys:
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


def test_the_third_failure_within_a_minute_is_the_last():
    supervised = SupervisedRun(FakeSource(), seconds_between=20.0)

    async def act(app, pilot, number):
        await until(pilot, lambda: "TRAINING" in text_of(app, "#header"))
        raise BoomError

    assert supervised.show(act) is None
    assert (len(supervised.apps), supervised.alive, supervised.run.ended) == (3, True, None)
    supervised.end()


def test_rare_failures_never_end_the_screen():
    supervised = SupervisedRun(FakeSource(), seconds_between=31.0)

    async def act(app, pilot, number):
        await until(pilot, lambda: "TRAINING" in text_of(app, "#header"))
        if number < 5:
            raise BoomError
        await save_and_leave(app, pilot)

    stopped = supervised.show(act)
    supervised.end()
    assert (len(supervised.apps), stopped is not None and stopped.reason) == (6, "stopped")
    assert all(saved_whole(supervised))


def test_an_ended_run_keeps_its_end_when_its_screen_fails():
    supervised = SupervisedRun(FakeSource(total=5), seconds_between=20.0)

    async def act(app, pilot, number):
        await until(pilot, lambda: "FINISHED" in text_of(app, "#header"))
        raise BoomError

    stopped = supervised.show(act)
    assert stopped is not None and (stopped.reason, stopped.step) == ("finished", 5)


def test_a_screen_that_cannot_be_created_is_abandoned(fail):
    supervised = SupervisedRun(FakeSource(), seconds_between=1.0)
    fail(JemApp, "get_theme_variable_defaults", 3)
    assert supervised.show(lambda app, pilot, number: save_and_leave(app, pilot)) is None
    assert (len(supervised.apps), len(supervised.reported)) == (0, 3)


def busy_loop(app: JemApp) -> None:
    while True:
        app.size  # noqa: B018


def sleeps(app: JemApp) -> None:
    time.sleep(1000)


@pytest.mark.parametrize("hang", [busy_loop, sleeps])
@pytest.mark.parametrize("signalled", [False, True])
def test_a_frozen_screen_is_abandoned_and_signals_still_save(monkeypatch, hang, signalled):
    monkeypatch.setattr(freeze_detector, "PATIENCE", 0.5)
    monkeypatch.setattr(freeze_detector, "PULSE", 0.05)
    monkeypatch.setattr(guarded_app, "PULSE", 0.01)
    supervised = SupervisedRun(FakeSource())

    async def act(app, pilot, number):
        await until(pilot, lambda: "TRAINING" in text_of(app, "#header"))
        if signalled:
            timer = threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGUSR1))
            timer.start()
        hang(app)

    assert supervised.show(act) is (supervised.run.ended if signalled else None)
    assert [failure.hung for failure in supervised.reported] == [True]
    if signalled:
        list(supervised.run.start().until_stopped())
        assert supervised.run.ended is not None and supervised.run.ended.reason == "interrupted"
        assert [type(command).__name__ for command in supervised.source.emitted].count("SaveNow") == 1
    else:
        assert supervised.alive
    supervised.end()


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    """Restore the handlers of all signals."""
    names = [*ENDING, *AT_ONCE, signal.SIGURG, signal.SIGTSTP, signal.SIGCONT, signal.SIGWINCH]
    before = {name: signal.getsignal(name) for name in names}
    yield
    for name, handler in before.items():
        signal.signal(name, handler)


@pytest.mark.parametrize("kind", [StepDone, Stopped])
def test_a_recorder_that_raises_anything_is_the_failure_of_the_run(kind):
    supervised = SupervisedRun(FakeSource(total=5))
    record = supervised.recorded.append

    def broken(event):
        record(event)
        if isinstance(event, kind):
            raise KeyError("lost")

    supervised.run = RunHandle(supervised.source.open, broken)

    async def act(app, pilot, number):
        await until(pilot, lambda: isinstance(app.screen, FailureScreen))
        await pilot.press("escape", "q")
        await until(pilot, lambda: app.return_value is not None)

    stopped = supervised.show(act)
    assert stopped is not None and stopped.reason == "failed" and "KeyError" in stopped.error + stopped.details
    assert stopped.step == (1 if kind is StepDone else 5)
    assert not supervised.reported


OFFERED = [key for key in KEYS if not key.focus and (key.need is None or key.need in TRAINING | {"steer"})]


@pytest.mark.slow
@pytest.mark.parametrize("part", range(4))
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


def test_a_pause_ends_with_the_screen_and_the_run_is_printed_to_its_end(capsys):
    supervised = SupervisedRun(FakeSource(total=1500), seconds_between=1.0)

    async def act(app, pilot, number):
        await until(pilot, lambda: app.state is not None and app.state.run is not None and app.state.run.step > 3)
        if number == 0:
            await until(pilot, lambda: "TRAINING" in text_of(app, "#header"))
            await pilot.press("p")
            await until(pilot, lambda: app.state.paused)
        raise BoomError

    assert supervised.show(act) is None
    stopped = follow(supervised.run.start(), supervised.run.session.state, lambda: None)
    assert (stopped.reason, stopped.step) == ("finished", 1500)
    printed = capsys.readouterr().out
    assert "resumed" in printed and "finished" in printed
    assert supervised.steps == list(range(1, 1501))


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


@pytest.mark.parametrize("part", ["give_back", "abandon"])
def test_a_second_signal_ends_the_process_even_if_the_exit_fails(monkeypatch, part):
    def boom():
        raise BoomError

    left = []
    monkeypatch.setattr(ending_signals, "leave_at_once", left.append)
    deeds = {"give_back": lambda: None, "abandon": lambda: None, part: boom}
    run = SimpleNamespace(abandon=deeds["abandon"])
    app = SimpleNamespace(run_handle=run, give_back=deeds["give_back"])
    with pytest.raises(BoomError):
        ScreenSignals(app)(AT_ONCE[0], None)
    assert left == [AT_ONCE[0]]
