"""Keys of panes that are hidden: each shows its pane first, so that the focus is always on a visible pane."""

from __future__ import annotations

import pytest

from jem_tui.tui.app import JemApp
from jem_tui.tui.keys import KEYS
from jem_tui.tui.preferences.pane_layout import PANES, PaneName
from jem_tui.tui.repaint.scheduler import is_on_screen
from jem_tui.tui.state.run_state import RunState
from tests.tui.sources import FakeSource, jem_app, screen_rows, shows, until

SIZES = [(80, 24), (120, 35)]
OF_PANES = [
    (key, pane)
    for pane in ("curves", "samples")
    for key in KEYS
    if isinstance(key.action, str) and key.action.startswith(f"{pane}(")
]


def focus_is_visible(app: JemApp) -> bool:
    focused = app.screen.focused
    return focused is None or is_on_screen(focused)


@pytest.mark.parametrize("size", [SIZES[0], pytest.param(SIZES[1], marks=pytest.mark.slow)])
async def test_every_key_of_a_hidden_pane_shows_the_pane(size: tuple[int, int]):
    app = jem_app(FakeSource(activity="replaying"))
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: shows(app, "REPLAYING"))
        workspace = app.screen._workspace
        for key, pane in OF_PANES:
            workspace.reveal("distributions")
            if pane in workspace.shown:
                workspace.action_pane(pane)
            await pilot.pause()
            assert pane not in workspace.shown
            await pilot.press(key.keys.partition(",")[0])
            await until(pilot, lambda pane=pane: is_on_screen(workspace.place(pane)))
            assert focus_is_visible(app), key.id
            if key.id == "filter-metrics":
                await pilot.press("escape")


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("full", ["curves", "samples"])
async def test_no_key_leaves_the_focus_or_the_screen_on_a_hidden_pane(size: tuple[int, int], full: PaneName):
    app = jem_app(FakeSource(activity="replaying"))
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: shows(app, "REPLAYING"))
        workspace = app.screen._workspace
        for pressed in ["slash", "c", "tab", *map(str, range(1, len(PANES) + 1))]:
            workspace.reveal(full)
            await until(pilot, lambda: is_on_screen(workspace.place(full)))
            app.screen.set_focus(workspace.place(full))
            await pilot.press("enter")
            assert app.screen.has_class(f"-full-{full}"), pressed
            await pilot.press(pressed)
            await pilot.pause()
            assert focus_is_visible(app), pressed
            assert any(is_on_screen(workspace.place(pane)) for pane in PANES), pressed
            await pilot.press("escape", "escape", "escape")


async def test_a_filter_names_its_keys_in_the_footer_and_can_be_left():
    app = jem_app(FakeSource(activity="replaying"))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: shows(app, "REPLAYING"))
        await pilot.press("3", "slash", "q")
        await until(pilot, lambda: shows(app, "enter keep") and shows(app, "esc clear"))
        assert shows(app, "/q")
        await pilot.press("escape")
        await until(pilot, lambda: "quit" in screen_rows(app)[-1])


async def test_a_key_of_a_pane_without_content_states_that(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(RunState, "empty_panes", frozenset({"samples"}))
    app = jem_app(FakeSource(activity="replaying"))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: shows(app, "REPLAYING"))
        await pilot.press("c")
        await until(pilot, lambda: any("This run has no samples." in each.message for each in app._notifications))


@pytest.mark.parametrize("pressed", ["slash", "c"])
async def test_a_screen_that_is_too_small_opens_nothing(pressed: str):
    app = jem_app(FakeSource(activity="replaying"))
    async with app.run_test(size=(50, 12)) as pilot:
        await until(pilot, lambda: shows(app, "too small"))
        await pilot.press(pressed, "q")
        await until(pilot, lambda: not app.is_running)
