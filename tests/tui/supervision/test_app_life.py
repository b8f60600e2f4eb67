"""The app from its first paint to its end, with a fake source on the worker's thread."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress

import pytest
from textual.pilot import Pilot

from jem_tui.errors import DivergenceError, InputError
from jem_tui.events.run import Event, StepDone, Stopped
from jem_tui.tui.app import JemApp
from jem_tui.tui.exiting.failure_screen import FailureScreen
from jem_tui.tui.exiting.quit_screen import QuitScreen
from jem_tui.tui.state.screen_role import ScreenRole
from tests.tui.sources import FakeSource, jem_app, screen_rows, shows, text_of, until
from tests.wait_until import PATIENCE

SIZE = (120, 35)


async def ask_to_quit(app: JemApp, pilot: Pilot[object]) -> None:
    """Press q once the run trains, and wait for the question."""
    await until(pilot, lambda: shows(app, "TRAINING"))
    await pilot.press("q")
    await until(pilot, lambda: isinstance(app.screen, QuitScreen))


@pytest.fixture
def worker_threads() -> Callable[[], list[threading.Thread]]:
    """Return a function that lists the threads of runs; those of earlier tests may still be ending."""
    before = set(threading.enumerate())
    return lambda: [thread for thread in threading.enumerate() if thread.name == "jem-source" and thread not in before]


def test_importing_the_app_imports_neither_numpy_nor_torch_nor_the_events():
    late = ("numpy", "torch", "plotext", "jem_tui.events.run")
    code = f"import sys, jem_tui.tui.app, jem_tui.cli.screens.training_screen; print([m for m in {late} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


async def test_a_run_is_displayed_and_its_thread_ends(worker_threads):
    source = FakeSource()
    recorded: list[Event] = []
    app = jem_app(source, recorded.append)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: shows(app, "TRAINING") and source.step > 20)
        assert source.opened_on == "jem-source"
        await until(pilot, lambda: shows(app, "of 10,000 chains"))
        assert shows(app, "cpu · seed 7 · 126,730 parameters · runs/2026-11-23_1812-mnist-mini-3f9c")
    assert source.closed.is_set()
    assert not worker_threads()
    assert isinstance(recorded[-1], Stopped)
    steps = [event.step for event in recorded if isinstance(event, StepDone)]
    assert steps == list(range(1, len(steps) + 1))


async def test_a_finished_run_stays_until_it_is_left():
    app = jem_app(FakeSource(total=5))
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: shows(app, "FINISHED"))
        assert shows(app, "5/5")
        await pilot.press("q")
        await until(pilot, lambda: app.return_value is not None)
    assert app.return_value.reason == "finished"


@pytest.mark.parametrize(("key", "reason", "saves"), [("s", "stopped", 1), ("x", "stopped", 0)])
async def test_the_question_of_q_ends_the_run(key, reason, saves, worker_threads):
    source = FakeSource()
    app = jem_app(source)
    async with app.run_test(size=SIZE) as pilot:
        await ask_to_quit(app, pilot)
        await pilot.press(key)
        await until(pilot, lambda: app.return_value is not None)
    assert app.return_value.reason == reason
    assert [type(command).__name__ for command in source.commands].count("SaveNow") == saves
    assert not worker_threads()


async def test_the_question_of_q_can_be_taken_back():
    source = FakeSource()
    app = jem_app(source)
    async with app.run_test(size=SIZE) as pilot:
        await ask_to_quit(app, pilot)
        await pilot.press("escape")
        step = source.step
        await until(pilot, lambda: source.step > step + 5)
        assert shows(app, "TRAINING")
    assert app.return_value is None


async def test_the_question_can_be_answered_with_arrows_and_enter():
    app = jem_app(FakeSource())
    async with app.run_test(size=SIZE) as pilot:
        await ask_to_quit(app, pilot)
        await pilot.press("down", "enter")
        await until(pilot, lambda: app.return_value is not None)
    assert app.return_value.reason == "stopped"


async def test_tab_moves_between_the_answers():
    app = jem_app(FakeSource())
    async with app.run_test(size=(60, 20)) as pilot:
        await ask_to_quit(app, pilot)
        assert shows(app, "Quit without saving loses all")
        choices = app.screen.query_one("OptionList")
        found = []
        for key in ("tab", "tab", "shift+tab"):
            await pilot.press(key)
            found.append(choices.highlighted)
        assert found == [1, 2, 1]


async def test_ctrl_c_asks_and_the_second_one_leaves_at_once():
    source = FakeSource()
    app = jem_app(source)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: shows(app, "TRAINING"))
        await pilot.press("ctrl+c")
        await until(pilot, lambda: isinstance(app.screen, QuitScreen))
        await pilot.press("ctrl+c")
        await until(pilot, lambda: app.return_value is not None)
    assert app.return_value.reason == "interrupted"


@pytest.mark.parametrize(("trains", "question"), [(True, "Quit training?"), (False, "Stop the script?")])
async def test_the_quit_screen_names_a_launched_run_or_a_script(trains: bool, question: str):
    app = jem_app(FakeSource())
    app.run_handle.role = ScreenRole(ends_script=True, trains=trains)
    async with app.run_test(size=SIZE) as pilot:
        await ask_to_quit(app, pilot)
        assert shows(app, question) and shows(app, "the script") is not trains


async def test_a_signal_saves_and_leaves():
    source = FakeSource()
    app = jem_app(source)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: shows(app, "TRAINING"))
        assert signal.getsignal(signal.SIGTERM) not in (signal.SIG_DFL, signal.SIG_IGN)
        os.kill(os.getpid(), signal.SIGTERM)
        await until(pilot, lambda: app.return_value is not None)
    assert app.return_value.reason == "interrupted"
    assert [type(command).__name__ for command in source.commands].count("SaveNow") == 1


async def test_a_source_that_hangs_is_abandoned_after_two_seconds():
    release = threading.Event()

    class Hanging(FakeSource):
        def events(self):
            yield from (event for event, _ in zip(super().events(), range(4), strict=False))
            release.wait(2 * PATIENCE)

    source = Hanging()
    app = jem_app(source)
    async with app.run_test(size=SIZE) as pilot:
        await ask_to_quit(app, pilot)
        await pilot.press("x")
        await until(pilot, lambda: shows(app, "STOPPING"))
        await until(pilot, lambda: app.return_value is not None)
    release.set()
    assert app.return_value.reason == "stopped"


async def test_a_replay_is_left_without_a_question():
    app = jem_app(FakeSource(activity="replaying"))
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: shows(app, "REPLAYING"))
        await pilot.press("q")
        await until(pilot, lambda: app.return_value is not None)
    assert app.return_value.reason == "stopped"


async def test_a_failure_is_explained_and_returned():
    error = DivergenceError("The loss became infinite at step 3.", "Try a smaller rate.")
    app = jem_app(FakeSource(error=error))
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: isinstance(app.screen, FailureScreen))
        await until(pilot, lambda: shows(app, "The loss became infinite at step 3. Try a smaller rate."))
        assert shows(app, "runs/2026-11-23_1812-mnist-mini-3f9c")
        await pilot.press("escape")
        await until(pilot, lambda: "DIVERGED" in text_of(app, "#header"))
        await pilot.press("q")
        await until(pilot, lambda: app.return_value is not None)
    assert (app.return_value.reason, app.return_value.error) == ("diverged", str(error))


async def test_a_recorder_that_breaks_ends_the_run_visibly(worker_threads):
    def full_disk(event):
        if isinstance(event, (StepDone, Stopped)):
            raise InputError("The disk is full.")

    app = jem_app(FakeSource(), full_disk)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: isinstance(app.screen, FailureScreen))
        await until(pilot, lambda: shows(app, "The disk is full."))
    assert not worker_threads()


async def test_the_run_ending_takes_the_question_of_q_away():
    source = FakeSource()
    app = jem_app(source)
    async with app.run_test(size=SIZE) as pilot:
        await ask_to_quit(app, pilot)
        source.finish()
        await until(pilot, lambda: not isinstance(app.screen, QuitScreen))
        await until(pilot, lambda: any("FINISHED" in row for row in screen_rows(app)))


async def test_help_that_is_asked_for_while_the_app_exits_fails_nothing():
    app = jem_app(FakeSource(total=3))
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: shows(app, "FINISHED"))
        app._exit = True
        pressed = asyncio.Event()
        app.screen.call_later(app.screen.run_action, "screen.show_help")
        app.call_later(app.screen.call_later, pressed.set)
        with suppress(TimeoutError):
            await asyncio.wait_for(pressed.wait(), 2)
        app.exit()
    assert app.failure is None
