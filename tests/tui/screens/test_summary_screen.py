"""The summary at the end of a run."""

from __future__ import annotations

import base64

import pytest

from jem_tui.tui import app as app_module
from jem_tui.tui.exiting.quit_screen import QuitScreen
from jem_tui.tui.help.help_panel import HelpPanel
from jem_tui.tui.samples.tile_grid import TileGrid
from jem_tui.tui.screens.summary_screen import SummaryScreen
from tests.tui.sources import FakeSource, jem_app, shows, until


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40)])
async def test_a_key_opens_the_summary_of_an_ended_run_and_closes_it(size):
    app = jem_app(FakeSource(total=30))
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: shows(app, "FINISHED"))
        await pilot.press("E")
        await until(pilot, lambda: shows(app, "Run · finished") and shows(app, "JEM/accuracy"))
        samples = app.screen.query_one(TileGrid)
        await until(pilot, lambda: samples.display and samples.shown >= 2)
        await pilot.press("E")
        await until(pilot, lambda: not isinstance(app.screen, SummaryScreen))
        await pilot.press("E", "q")
    assert app.return_value is not None and app.return_value.reason == "finished"


async def test_the_key_does_nothing_while_the_run_trains():
    app = jem_app(FakeSource())
    async with app.run_test(size=(120, 35)) as pilot:
        await until(pilot, lambda: shows(app, "TRAINING"))
        await pilot.press("E")
        await pilot.pause(0.1)
        assert not isinstance(app.screen, SummaryScreen)


async def test_the_summary_opens_at_the_end_of_a_run_that_was_watched(monkeypatch):
    monkeypatch.setattr(app_module, "SUMMARY_SECONDS", 0.0)
    source = FakeSource()
    app = jem_app(source)
    async with app.run_test(size=(120, 35)) as pilot:
        await until(pilot, lambda: shows(app, "TRAINING"))
        source.finish()
        await until(pilot, lambda: isinstance(app.screen, SummaryScreen))


async def test_quitting_a_watched_run_opens_no_summary(monkeypatch):
    monkeypatch.setattr(app_module, "SUMMARY_SECONDS", 0.0)
    app = jem_app(FakeSource())
    async with app.run_test(size=(120, 35)) as pilot:
        await until(pilot, lambda: shows(app, "TRAINING"))
        await pilot.press("q")
        await until(pilot, lambda: isinstance(app.screen, QuitScreen))
        await pilot.press("x")
        await until(pilot, lambda: app._exit)
    assert app.failure is None


async def test_a_screen_that_is_pushed_while_the_app_exits_is_not_started():
    app = jem_app(FakeSource(total=3))
    async with app.run_test(size=(120, 35)) as pilot:
        await until(pilot, lambda: shows(app, "FINISHED"))
        app.exit()
        app.action_show_summary()
        await pilot.pause()
    assert app.failure is None


async def test_enter_copies_a_command(monkeypatch, tmp_path):
    from jem_tui.config.schema import RunConfig
    from tests.stream.runs.test_next_commands import lines_after

    lines_after(tmp_path / "run", RunConfig())
    app = jem_app(FakeSource(total=3))
    app._run_dir = str(tmp_path / "run")
    async with app.run_test(size=(120, 35)) as pilot:
        await until(pilot, lambda: shows(app, "FINISHED"))
        written: list[str] = []
        monkeypatch.setattr(app._driver, "write", written.append)
        await pilot.press("E")
        await until(pilot, lambda: shows(app, "jem-tui sample"))
        await pilot.press("down", "down", "enter")
        code = base64.b64encode(f"jem-tui sample {tmp_path / 'run'}".encode()).decode()
        await until(pilot, lambda: any(f"]52;c;{code}" in text for text in written))


@pytest.mark.parametrize("size", [(160, 45), (80, 24)])
async def test_the_help_of_the_summary_opens_next_to_it_where_there_is_room(size):
    app = jem_app(FakeSource(total=30))
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: shows(app, "FINISHED"))
        await pilot.press("E")
        await until(pilot, lambda: shows(app, "? help · esc close · q quit"))
        await pilot.press("question_mark")
        await until(pilot, lambda: shows(app, "in the summary") and shows(app, "Scroll to the scores above."))
        docked = size[0] >= 120
        await until(pilot, lambda: shows(app, "? help · esc close · q quit") is docked)
        await pilot.press("right", "right")
        await until(pilot, lambda: shows(app, "Each row is a score"))
        await pilot.press("escape")
        await until(pilot, lambda: not app.screen.query(HelpPanel) and isinstance(app.screen, SummaryScreen))
