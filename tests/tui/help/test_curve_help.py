"""The help explains the displayed panels, first of all the one that fills the screen."""

from __future__ import annotations

from jem_tui.events.metric_texts import STEP_METRICS
from jem_tui.tui.help.curve_help import curve_help
from tests.tui.sources import FakeSource, jem_app, shows, text_of, until

SIZE = (120, 60)


async def test_the_help_explains_every_panel_whose_metric_is_known():
    app = jem_app(FakeSource(total=5))
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: shows(app, "FINISHED"))
        await pilot.press("question_mark", "right", "right")
        await until(pilot, lambda: shows(app, "[display]"))
        assert STEP_METRICS["JEM/total"].healthy in " ".join(text_of(app, "HelpText").split())
        assert not shows(app, "this curve")


async def test_the_help_begins_with_the_curve_that_fills_the_screen():
    app = jem_app(FakeSource(total=5))
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: shows(app, "FINISHED"))
        app.screen.query_one("#curves").focus()
        await pilot.press("down", "enter")
        found = curve_help(app.screen, app._session).maximized
        assert found is not None and found.text == STEP_METRICS[found.title].paragraph
        await pilot.press("question_mark", "right", "right")
        await until(pilot, lambda: shows(app, "this curve"))
        assert shows(app, found.title)
