"""Keys, palette and help of a watched loop with settings that can be changed."""

from __future__ import annotations

import time
from collections.abc import Generator

import pytest

from jem_tui.events.commands import Adjust, SampleNow
from jem_tui.events.run import Event, Wait
from jem_tui.tui.keys.command_palette import CommandProvider
from jem_tui.tui.screens.run_screen import RunScreen
from tests.tui.sources import FakeSource, jem_app, run_started, screen_rows, shows, step_done, until

SIZE = (120, 35)


class KnobbedLoop(FakeSource):
    """A watched loop with two settings that can be changed, one of which has keys, and with samples on request only."""

    def events(self) -> Generator[Event | Wait, None, None]:
        knobs = {"mixing": 0.5, "optimizer.rate": 8.0}
        yield run_started(config={"watched": {}}, abilities=frozenset({"samples", "adjust"}), knobs=knobs)
        while self.step < self._total:
            time.sleep(self._pause)
            self.step += 1
            yield step_done(self.step)


async def test_each_setting_without_a_key_is_in_the_palette():
    source = KnobbedLoop()
    app = jem_app(source)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: shows(app, "TRAINING"))
        hits = [hit async for hit in CommandProvider(app.screen).search("mixing")]
        assert [str(hit.text) for hit in hits] == ["Increase mixing", "Decrease mixing"]
        assert [hit async for hit in CommandProvider(app.screen).search("increase optimizer.rate")] == []
        for hit in hits:
            hit.command()
        await until(pilot, lambda: [change.increments for change in source.commands_of(Adjust)] == [1, -1])


@pytest.mark.parametrize("width", [120, 80, 60])
async def test_the_footer_names_the_key_of_settings_where_a_loop_has_knobs(width: int):
    app = jem_app(KnobbedLoop())
    async with app.run_test(size=(width, 24)) as pilot:
        await until(pilot, lambda: shows(app, "TRAINING") and "V settings" in screen_rows(app)[-1])


async def test_the_screen_requests_the_first_samples_although_their_pane_is_hidden():
    source = KnobbedLoop()
    app = jem_app(source)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: shows(app, "TRAINING"))
        assert app.state is not None and app.state.run is not None
        await until(pilot, lambda: len(source.commands_of(SampleNow)) > 0)
        await until(pilot, lambda: app.screen.query_one("#samples").display and shows(app, "samples · "))


async def test_the_help_leaves_out_the_keys_of_panes_without_content():
    app = jem_app(KnobbedLoop())
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: shows(app, "samples · "))
        screen = app.screen
        assert isinstance(screen, RunScreen)

        def focuses() -> set[str]:
            return {key.focus for key in RunScreen.keys(screen)}

        assert {"samples", "notes"} <= focuses()
        assert "distributions" not in focuses()
        await pilot.press("3")
        await until(pilot, lambda: "distributions" in focuses())
