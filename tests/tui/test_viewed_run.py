"""The screen of a run that another process owns: it never stops the run unless the user chooses so."""

from __future__ import annotations

import os
import signal

import pytest

from jem_tui.events.run import Paused, Stopped
from jem_tui.events.viewing import Connection
from jem_tui.tui.app import JemApp
from jem_tui.tui.exiting.failure_screen import FailureScreen
from jem_tui.tui.exiting.quit_screen import QuitScreen
from jem_tui.tui.screens.run_screen import RunScreen
from jem_tui.tui.state.run_handle import RunHandle
from jem_tui.tui.state.screen_role import Attachment, ScreenRole
from tests.tui.sources import badge, run_started, samples, shows, step_done, text_of, until
from tests.tui.viewed_run import FakeViewer, attached, viewed_app

SIZES = ((60, 20), (80, 24), (120, 35), (200, 60))
VIEW_ONLY = Attachment(view_only=True)


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_the_header_shows_the_attachment_and_a_lost_connection(size: tuple[int, int]):
    viewer = FakeViewer()
    app = viewed_app(viewer)
    async with app.run_test(size=size) as pilot:
        await attached(app, pilot)
        assert "● attached" in text_of(app, "#header")
        viewer.lose("The door was closed; trying again.")
        await until(pilot, lambda: "○ connection lost, reconnecting" in text_of(app, "#header"))
        await until(pilot, lambda: "UNREACHABLE" in text_of(app, "#header"))
        await until(pilot, lambda: "The door was closed" in text_of(app, "#status"))
        viewer.put(Connection(step=9, images=900, time=9.0, connected=True), run_started(), step_done(10))
        await until(pilot, lambda: "● attached" in text_of(app, "#header") and shows(app, "TRAINING"))
        await until(pilot, lambda: "The door was closed" not in text_of(app, "#status"))


async def test_the_host_of_a_run_elsewhere_is_displayed():
    app = viewed_app(FakeViewer(), Attachment(host="gpu7.example.org"))
    async with app.run_test(size=(120, 35)) as pilot:
        await attached(app, pilot)
        assert "● attached · gpu7.example.org" in text_of(app, "#header")


@pytest.mark.parametrize(("key", "sent"), [("d", []), ("s", ["Stop"]), ("escape", [])])
async def test_q_asks_whether_to_detach_or_to_stop(key: str, sent: list[str]):
    viewer = FakeViewer()
    app = viewed_app(viewer)
    async with app.run_test(size=(80, 24)) as pilot:
        await attached(app, pilot)
        await pilot.press("q")
        await until(pilot, lambda: isinstance(app.screen, QuitScreen))
        assert shows(app, "Detach") and shows(app, "Stop and save") and not shows(app, "Quit without saving")
        await pilot.press("x")
        assert isinstance(app.screen, QuitScreen)
        await pilot.press(key)
        await until(pilot, lambda: not app.is_running or not isinstance(app.screen, QuitScreen))
        if sent:
            await until(pilot, lambda: viewer.sent_kinds() == sent)
            assert app.is_running
            viewer.stop(Stopped(step=9, images=900, time=9.0, reason="stopped"))
            await until(pilot, lambda: app.return_value is not None)
    assert viewer.sent_kinds() == sent
    assert viewer.closed
    assert app.run_handle.detached is (not sent)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
async def test_a_signal_detaches_and_stops_nothing(number: signal.Signals):
    viewer = FakeViewer()
    app = viewed_app(viewer)
    async with app.run_test(size=(80, 24)) as pilot:
        await attached(app, pilot)
        os.kill(os.getpid(), number)
        await until(pilot, lambda: not app.is_running)
    assert viewer.sent_kinds() == []
    assert app.run_handle.detached and app.exit_request.reason == "interrupted"


async def test_ctrl_c_detaches_at_once():
    viewer = FakeViewer()
    app = viewed_app(viewer)
    async with app.run_test(size=(80, 24)) as pilot:
        await attached(app, pilot)
        await pilot.press("ctrl+c")
        await until(pilot, lambda: not app.is_running)
    assert viewer.sent_kinds() == []
    assert app.run_handle.detached and app.exit_request.reason == "interrupted"


async def test_a_viewer_that_only_watches_offers_and_sends_no_command():
    viewer = FakeViewer()
    app = viewed_app(viewer, VIEW_ONLY)
    async with app.run_test(size=(120, 35)) as pilot:
        await attached(app, pilot)
        assert "● view only" in text_of(app, "#header")
        await until(pilot, lambda: shows(app, "q detach") and not shows(app, "p pause"))
        await pilot.press("p", "n", "r", "s", "K", "e", "u", "u")
        reasons = [each.message for each in app._notifications]
        assert "Pause: this screen only displays the run. Attach without --watch to steer it." in reasons
        await pilot.press("q")
        await until(pilot, lambda: not app.is_running)
    assert viewer.sent == []


async def test_a_lost_connection_hides_the_commands_and_forgets_those_that_are_pending():
    viewer = FakeViewer()
    app = viewed_app(viewer)
    async with app.run_test(size=(120, 35)) as pilot:
        await attached(app, pilot)
        await pilot.press("p")
        assert badge(app) == "PAUSING"
        viewer.lose()
        await until(pilot, lambda: badge(app) == "UNREACHABLE" and not shows(app, "r restart "))
        await pilot.press("r")
        assert any("the connection to the run is lost" in each.message for each in app._notifications)
        assert viewer.sent_kinds() == ["Pause"]
        viewer.put(Connection(step=9, images=900, time=9.0, connected=True), run_started(), step_done(9))
        await until(pilot, lambda: badge(app) == "TRAINING" and shows(app, "r restart "))


async def test_q_detaches_at_once_while_the_connection_is_lost():
    viewer = FakeViewer()
    app = viewed_app(viewer)
    async with app.run_test(size=(80, 24)) as pilot:
        await attached(app, pilot)
        viewer.lose()
        await until(pilot, lambda: shows(app, "UNREACHABLE"))
        await pilot.press("q")
        await until(pilot, lambda: not app.is_running)
    assert app.run_handle.detached


async def test_a_request_to_stop_that_is_lost_can_be_abandoned():
    viewer = FakeViewer()
    app = viewed_app(viewer)
    async with app.run_test(size=(80, 24)) as pilot:
        await attached(app, pilot)
        await pilot.press("q", "s")
        await until(pilot, lambda: shows(app, "STOPPING"))
        await pilot.press("ctrl+c")
        await until(pilot, lambda: not app.is_running)
    assert viewer.sent_kinds() == ["Stop"]
    assert app.run_handle.detached


async def test_the_end_of_the_run_stays_on_the_screen():
    viewer = FakeViewer()
    app = viewed_app(viewer)
    async with app.run_test(size=(80, 24)) as pilot:
        await attached(app, pilot)
        viewer.put(Paused(step=9, images=900, time=9.0))
        await until(pilot, lambda: shows(app, "PAUSED"))
        viewer.stop(Stopped(step=9, images=900, time=9.0, reason="finished"))
        await until(pilot, lambda: shows(app, "FINISHED"))
        assert "attached" not in text_of(app, "#header")
        await pilot.press("q")
        await until(pilot, lambda: app.return_value is not None)
    assert not app.run_handle.detached


async def test_the_end_of_a_run_that_was_killed_is_explained():
    viewer = FakeViewer()
    app = viewed_app(viewer)
    async with app.run_test(size=(80, 24)) as pilot:
        await attached(app, pilot)
        viewer.stop(Stopped(step=9, images=900, time=9.0, reason="interrupted", error="Resume it with jem-tui train."))
        await until(pilot, lambda: shows(app, "The run was interrupted") and shows(app, "Resume it with jem-tui train"))
        await pilot.press("escape")
        await until(pilot, lambda: shows(app, "INTERRUPTED"))


async def test_a_viewer_that_cannot_attach_says_why():
    viewer = FakeViewer()
    app = viewed_app(viewer)
    viewer.inbox = type(viewer.inbox)()
    async with app.run_test(size=(80, 24)) as pilot:
        viewer.stop(Stopped(step=0, images=0, time=0.0, reason="refused", error="The run speaks protocol 7."))
        await until(pilot, lambda: isinstance(app.screen, FailureScreen))
        await until(pilot, lambda: shows(app, "The run cannot be displayed") and shows(app, "protocol 7"))


async def test_help_and_palette_of_a_viewer_name_the_detachment():
    app = viewed_app(FakeViewer())
    async with app.run_test(size=(120, 35)) as pilot:
        await attached(app, pilot)
        assert isinstance(app.screen, RunScreen)
        offered = app.screen.keys()
        words = {key.id: key.tooltip for key in offered}
        assert words["quit"] == "Choose between detaching, stopping the run with a checkpoint, and staying."
        await pilot.press("question_mark", "right", "right")
        await until(
            pilot, lambda: "This screen displays a run of another" in " ".join(text_of(app, "HelpText").split())
        )
        await pilot.press("escape", "ctrl+p", *"detach")
        await until(pilot, lambda: shows(app, "Exit; the run continues."))


async def test_the_replay_of_a_live_run_offers_to_attach():
    viewer = FakeViewer()
    viewer.put(run_started(activity="replaying"), samples(0), step_done(1))
    app = JemApp(RunHandle(lambda: viewer, role=ScreenRole(attachable=True)), label="replay")
    async with app.run_test(size=(120, 35), notifications=True) as pilot:
        await until(pilot, lambda: shows(app, "This run is live."))
        await until(pilot, lambda: shows(app, "REPLAYING"))
        await pilot.press("A")
        await until(pilot, lambda: viewer.sent_kinds() == ["Stop"])
        viewer.stop(Stopped(step=1, images=100, time=1.0, reason="stopped"))
        await until(pilot, lambda: not app.is_running)
    assert app.run_handle.attach_requested


async def test_other_runs_do_not_offer_to_attach():
    app = viewed_app(FakeViewer())
    async with app.run_test(size=(120, 35)) as pilot:
        await attached(app, pilot)
        await pilot.press("A")
        assert not shows(app, "attaches") and app.is_running
    assert not app.run_handle.attach_requested
