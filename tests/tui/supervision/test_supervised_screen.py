"""Screens that fail repeatedly, freeze or are left in a pause, and failures of the recorder and of the exit."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from types import SimpleNamespace

import pytest

from jem_tui.cli.headless import follow
from jem_tui.events.run import StepDone, Stopped
from jem_tui.signals import AT_ONCE
from jem_tui.tui.app import JemApp
from jem_tui.tui.exiting.failure_screen import FailureScreen
from jem_tui.tui.state.run_handle import RunHandle, driving
from jem_tui.tui.supervision import ending_signals, freeze_detector, guarded_app
from jem_tui.tui.supervision.ending_signals import ScreenSignals
from jem_tui.tui.supervision.freeze_detector import ScreenFrozenError, allow_interruption, forbid_interruption
from tests.tui.sources import FakeSource, text_of, until
from tests.tui.supervised_run import BoomError, SupervisedRun, save_and_leave, saved_whole


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
        if number < 3:
            raise BoomError
        await save_and_leave(app, pilot)

    stopped = supervised.show(act)
    supervised.end()
    assert (len(supervised.apps), stopped is not None and stopped.reason) == (4, "stopped")
    assert all(saved_whole(supervised))


def test_an_ended_run_keeps_its_end_when_its_screen_fails():
    supervised = SupervisedRun(FakeSource(total=5), seconds_between=20.0)

    async def act(app, pilot, number):
        await until(pilot, lambda: "FINISHED" in text_of(app, "#header"))
        raise BoomError

    stopped = supervised.show(act)
    assert stopped is not None and (stopped.reason, stopped.step) == ("finished", 5)


def busy_loop(app: JemApp) -> None:
    while True:
        app.size  # noqa: B018


def sleeps(app: JemApp) -> None:
    time.sleep(1000)


@pytest.mark.parametrize(
    ("hang", "signalled"),
    [
        (busy_loop, True),
        (sleeps, False),
        pytest.param(busy_loop, False, marks=pytest.mark.slow),
        pytest.param(sleeps, True, marks=pytest.mark.slow),
    ],
)
def test_a_frozen_screen_is_abandoned_and_signals_still_save(monkeypatch, hang, signalled):
    monkeypatch.setattr(freeze_detector, "PULSE", 0.05)
    monkeypatch.setattr(guarded_app, "PULSE", 0.01)
    supervised = SupervisedRun(FakeSource())

    async def act(app, pilot, number):
        await until(pilot, lambda: "TRAINING" in text_of(app, "#header"))
        if signalled:
            timer = threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGUSR1))
            timer.start()
        # A screen that is only slow, on a busy machine, must not count as frozen before
        app.answered.__self__._patience = 0.5
        hang(app)

    shown = supervised.show(act)
    # The run may end after its screen
    assert shown is None or (signalled and shown is supervised.run.ended)
    assert [failure.hung for failure in supervised.reported] == [True]
    if signalled:
        list(supervised.run.start().until_stopped())
        assert supervised.run.ended is not None and supervised.run.ended.reason == "interrupted"
        assert [type(command).__name__ for command in supervised.source.commands].count("SaveNow") == 1
    else:
        assert supervised.alive
    supervised.end()


@pytest.mark.parametrize("kind", [StepDone, Stopped])
def test_a_recorder_that_raises_anything_is_the_failure_of_the_run(kind):
    supervised = SupervisedRun(FakeSource(total=5))
    record = supervised.recorded.append

    def broken(event):
        record(event)
        if isinstance(event, kind):
            raise KeyError("lost")

    supervised.run = RunHandle(driving(supervised.source.open, broken))

    async def act(app, pilot, number):
        await until(pilot, lambda: isinstance(app.screen, FailureScreen))
        await pilot.press("escape", "q")
        await until(pilot, lambda: app.return_value is not None)

    stopped = supervised.show(act)
    assert stopped is not None and stopped.reason == "failed" and "KeyError" in stopped.error + stopped.details
    assert stopped.step == (1 if kind is StepDone else 5)
    assert not supervised.reported


def test_a_signal_that_arrives_together_with_the_interruption_of_a_frozen_screen_stops_the_run():
    done = []

    def interrupt():
        signal.raise_signal(signal.SIGURG)
        done.append("stopped")

    signals = ScreenSignals(SimpleNamespace(run_handle=SimpleNamespace(interrupt=interrupt), on_signal=None))
    signals._loop = asyncio.new_event_loop()
    signals._loop.close()
    allow_interruption()
    try:
        signals(signal.SIGTERM, None)
        with pytest.raises(ScreenFrozenError):
            signal.raise_signal(signal.SIGURG)
    finally:
        forbid_interruption()
    assert done == ["stopped"]


@pytest.mark.slow
def test_a_pause_ends_with_the_screen_and_the_run_is_printed_to_its_end(capsys):
    supervised = SupervisedRun(FakeSource(), seconds_between=1.0)

    async def act(app, pilot, number):
        await until(pilot, lambda: app.state is not None and app.state.run is not None and app.state.run.step > 3)
        if number == 0:
            await until(pilot, lambda: "TRAINING" in text_of(app, "#header"))
            await pilot.press("p")
            await until(pilot, lambda: app.state.paused)
        raise BoomError

    assert supervised.show(act) is None
    supervised.source.finish()
    stopped = follow(supervised.run.start(), supervised.run.session.state, lambda: None)
    assert (stopped.reason, stopped.step) == ("finished", supervised.source.step)
    printed = capsys.readouterr().out
    assert "resumed" in printed and "finished" in printed
    assert supervised.steps == list(range(1, stopped.step + 1))


@pytest.mark.parametrize("part", ["give_back", "abandon"])
def test_a_second_signal_ends_the_process_even_if_the_exit_fails(monkeypatch, part):
    def boom():
        raise BoomError

    left = []
    monkeypatch.setattr(ending_signals, "leave_at_once", left.append)
    armed = []
    monkeypatch.setattr(ending_signals, "allow_interruption", armed.append)
    deeds = {"give_back": lambda: None, "abandon": lambda: None, part: boom}
    run = SimpleNamespace(abandon=deeds["abandon"])
    app = SimpleNamespace(run_handle=run, give_back=deeds["give_back"])
    with pytest.raises(BoomError):
        ScreenSignals(app)(AT_ONCE[0], None)
    assert left == [AT_ONCE[0]]
    assert armed == [ending_signals.leave_at_once], "a frozen terminal delays nothing"
