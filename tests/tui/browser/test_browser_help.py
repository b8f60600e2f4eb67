"""The help of the run browser, and the reasons why its keys do nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from jem_tui.tui.help.help_panel import HelpPanel
from jem_tui.tui.keys.command_palette import CommandProvider
from tests.tui.browser.browser_runs import browsing, noticed, recorded_runs
from tests.tui.sources import shows, until

SLOW = pytest.mark.slow


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return recorded_runs(tmp_path / "runs")


@pytest.mark.parametrize("size", [(160, 40), pytest.param((80, 24), marks=SLOW), pytest.param((40, 12), marks=SLOW)])
async def test_the_help_has_tabs_and_a_search_and_leaves_the_list_visible(root, size):
    async with browsing(root, size=size) as (app, pilot):
        await until(pilot, lambda: bool(app._state.list.runs))
        await pilot.press("question_mark")
        await until(pilot, lambda: shows(app, "[keys here]") and shows(app, "in the run browser"))
        panel = app.screen.query_one(HelpPanel)
        visible = app.screen.query_one("#run-table").region.right <= panel.region.x
        assert visible is (size[0] >= 120)
        await pilot.press("slash", *"labels.json")
        await until(pilot, lambda: shows(app, "Tags and notes are kept"))
        await pilot.press("escape", "escape")
        await until(pilot, lambda: not app.screen.query(HelpPanel) and app.screen.focused is not None)


async def test_a_key_without_a_run_states_why_it_does_nothing(tmp_path):
    async with browsing(tmp_path / "nothing") as (app, pilot):
        await until(pilot, lambda: shows(app, "jem-tui train"))
        await pilot.press("e")
        await until(pilot, lambda: noticed(app, "Evaluate: there is no run in this folder."))
        await pilot.press("y", "s")
        await until(pilot, lambda: noticed(app, "Copy path: there is no run in this folder."))
        assert not noticed(app, "Sort:")


async def test_a_key_states_that_the_filter_hides_all_runs(root):
    async with browsing(root) as (app, pilot):
        await until(pilot, lambda: bool(app._state.list.runs))
        await pilot.press("slash", *"nowhere", "enter", "r")
        await until(pilot, lambda: noticed(app, "Resume: no run matches the filter. Press esc to clear it."))


async def test_the_palette_has_the_keys_of_the_browser_and_runs_their_actions(root):
    async with browsing(root) as (app, pilot):
        await until(pilot, lambda: bool(app._state.list.runs))
        commands = {str(hit.text): hit async for hit in CommandProvider(app.screen).discover()}
        assert {"Evaluate  (e)", "Delete  (x delete)", "Save PNG  (P)", "Theme"} <= set(commands)
        await commands["Copy path  (y)"].command()
        await until(pilot, lambda: noticed(app, "Copied"))
