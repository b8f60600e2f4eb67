"""The loading screen, and the exit from it before a run has started."""

from __future__ import annotations

import threading

from jem_tui.errors import InputError
from jem_tui.tui.app import JemApp
from jem_tui.tui.exiting.failure_screen import FailureScreen
from jem_tui.tui.state.run_handle import RunHandle, driving
from jem_tui.tui.supervision.palette_screen import PaletteScreen
from tests.tui.sources import FakeSource, shows, until
from tests.wait_until import PATIENCE

SIZE = (120, 35)


async def test_the_loading_screen_says_what_is_loading():
    may_load = threading.Event()
    source = FakeSource()

    def slow(report):
        report("importing torch", None)
        may_load.wait(PATIENCE)
        report("downloading MNIST", 0.25)
        return source.open(report)

    app = JemApp(RunHandle(driving(slow, lambda event: None)), label="mnist · conv", run_dir="runs/abc")
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: shows(app, "importing torch"))
        assert shows(app, "mnist · conv")
        assert shows(app, "runs/abc")
        assert shows(app, "q quit")
        await pilot.press("p", "n")
        may_load.set()
        await until(pilot, lambda: source.step > 2)
    assert source.commands == []


async def test_a_failure_while_loading_is_explained_and_returned():
    def broken(report):
        raise InputError("The folder /none does not exist.", "Name another.")

    app = JemApp(RunHandle(driving(broken, lambda event: None)), label="none", run_dir="runs/never-made")
    async with app.run_test(size=(60, 20)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, FailureScreen))
        await until(pilot, lambda: shows(app, "The folder /none does not exist. Name another."))
        assert not shows(app, "Run folder")
        await pilot.press("q")
        await until(pilot, lambda: app.return_value is not None)
    assert app.return_value.reason == "refused"


async def test_stopping_while_loading_is_displayed_without_the_quit_key():
    release = threading.Event()

    def slow(report):
        report("importing torch", None)
        release.wait(PATIENCE)
        return FakeSource().open(report)

    app = JemApp(RunHandle(driving(slow, lambda event: None)), label="mnist")
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: shows(app, "importing torch") and shows(app, "q quit"))
        await pilot.press("q")
        await until(pilot, lambda: shows(app, "stopping …") and not shows(app, "q quit"))
        release.set()
        await until(pilot, lambda: app.return_value is not None)


async def test_a_palette_that_is_opened_while_loading_is_not_covered_by_the_run():
    may_load = threading.Event()
    source = FakeSource()

    def slow(report):
        may_load.wait(PATIENCE)
        return source.open(report)

    app = JemApp(RunHandle(driving(slow, lambda event: None)), label="mnist · conv", run_dir="runs/abc")
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: app.state is not None)
        await pilot.press("ctrl+p")
        await until(pilot, lambda: isinstance(app.screen, PaletteScreen))
        may_load.set()
        await until(pilot, lambda: source.step > 20 and app.state is not None and app.state.run is not None)
        assert isinstance(app.screen, PaletteScreen)
        await pilot.press("escape")
        await until(pilot, lambda: shows(app, "TRAINING"))
        assert len(app.screen_stack) == 2
