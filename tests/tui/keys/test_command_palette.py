"""The command palette: what it finds, and what it does."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rich.style import Style
from textual.command import CommandList
from textual.events import Click

from jem_tui.events.commands import Reseed
from jem_tui.tui.exiting.quit_screen import QuitScreen
from jem_tui.tui.keys import KEYS
from jem_tui.tui.keys.command_palette import CommandProvider
from jem_tui.tui.preferences.preferences import Preferences
from jem_tui.tui.screens.preference_commands import preference_commands
from jem_tui.tui.supervision.palette_screen import PaletteScreen
from tests.examples import examples
from tests.tui.sources import FakeSource, jem_app, shows, until

SIZE = (120, 35)


@pytest.mark.parametrize("activity", ["training", "replaying"])
async def test_every_offered_binding_is_in_the_palette(activity):
    app = jem_app(FakeSource(activity=activity))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: shows(app, activity.upper()))
        offered = [active.binding for active in app.screen.active_bindings.values()]
        hits = [hit async for hit in CommandProvider(app.screen).discover()]
        table = {binding.id for binding in offered} & {key.id for key in KEYS}
        assert {hit.help for hit in hits} == {
            *(binding.tooltip for binding in offered if binding.id in table),
            "Choose a theme.",
            *(command.help for command in preference_commands(app._session, app._announcer, app._keep)),
        }
        assert len(table) >= 11


async def test_the_palette_runs_an_action():
    source = FakeSource()
    app = jem_app(source)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: shows(app, "TRAINING"))
        commands = CommandProvider(app.screen)
        hits = [hit async for hit in commands.search("reseed")]
        await hits[0].command()
        await until(pilot, lambda: len(source.commands_of(Reseed)) == 1)


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("theme", ["Switch theme  (T)", "Theme"]),
        ("HELP", ["Show help  (? f1)"]),
        ("write a checkpoint", ["Save checkpoint  (s)"]),
        ("rsd", []),
        ("choose a theme", ["Theme"]),
    ],
)
async def test_the_palette_finds_parts_of_words_and_no_scattered_letters(query, titles):
    app = jem_app(FakeSource())
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: shows(app, "TRAINING"))
        hits = [hit async for hit in CommandProvider(app.screen).search(query)]
        assert [str(hit.match_display) for hit in hits] == titles


async def test_the_palette_lists_names_before_sentences():
    app = jem_app(FakeSource())
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: shows(app, "TRAINING"))
        hits = sorted([hit async for hit in CommandProvider(app.screen).search("step")], key=lambda hit: -hit.score)
        assert str(hits[0].match_display) == "Step size −20 %  (j)"
        assert len(hits) > 1


async def test_theme_typed_into_the_palette_changes_no_chain():
    source = FakeSource()
    app = jem_app(source)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: shows(app, "TRAINING"))
        await pilot.press("ctrl+p", *"them")
        await until(pilot, lambda: shows(app, "Choose a theme."))
        await pilot.press("enter")
        await until(pilot, lambda: shows(app, "nord"))
        assert source.commands_of(Reseed) == []


PALETTE_KEYS = (
    "pagedown",
    "pageup",
    "down",
    "up",
    "home",
    "end",
    "ctrl+home",
    "ctrl+end",
    "z",
    "q",
    "backspace",
    "tab",
)


@given(keys=st.lists(st.sampled_from(PALETTE_KEYS), max_size=12), size=st.sampled_from([(120, 35), (60, 8), (20, 3)]))
@example(keys=["pagedown"], size=(20, 3))
@example(keys=["z", "z", "z", "pagedown", "pageup"], size=(120, 35))
@settings(max_examples=examples(2), deadline=None)
def test_no_key_fails_in_the_palette(keys, size):
    async def press() -> None:
        app = jem_app(FakeSource())
        async with app.run_test(size=size) as pilot:
            await until(pilot, lambda: app.state is not None and app.state.run is not None)
            app.action_command_palette()
            for key in keys:
                app.simulate_key(key)
            await pilot.press("escape")
            await until(pilot, lambda: not isinstance(app.screen, PaletteScreen))

    asyncio.run(press())


async def test_no_key_fails_in_the_question_of_q_without_room():
    app = jem_app(FakeSource())
    async with app.run_test(size=(20, 3)) as pilot:
        await until(pilot, lambda: app.state is not None and app.state.run is not None)
        app.action_interrupt()
        for key in ("pagedown", "down", "pageup", "up", "end", "home", "tab"):
            app.simulate_key(key)
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, QuitScreen))


async def test_a_click_on_a_command_of_an_older_search_does_nothing():
    app = jem_app(FakeSource())
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: shows(app, "TRAINING"))
        app.action_command_palette()
        await until(pilot, lambda: isinstance(app.screen, PaletteScreen) and app.screen.is_mounted)
        found = app.screen.query_one(CommandList)
        await until(pilot, lambda: found.option_count > 2)
        row = Style.from_meta({"option": found.option_count - 1})
        x, y = found.region.offset
        found.clear_options()
        found.post_message(Click(found, 1, 1, 0, 0, 1, False, False, False, x + 1, y + 1, row))
        await pilot.pause()
        assert app.is_running and isinstance(app.screen, PaletteScreen)


@pytest.mark.parametrize("clicks", [1, 2, 3])
async def test_clicks_outside_the_palette_close_the_palette_alone(clicks):
    app = jem_app(FakeSource())
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: shows(app, "TRAINING"))
        run_screen = app.screen
        app.action_command_palette()
        await until(pilot, lambda: isinstance(app.screen, PaletteScreen) and app.screen.is_mounted)
        palette = app.screen
        for _ in range(clicks):
            click = Click(palette, 1, 34, 0, 0, 1, False, False, False, 1, 34)
            click._set_forwarded()
            palette.post_message(click)
        await until(pilot, lambda: app.screen is run_screen)
        for _ in range(3):
            app.action_command_palette()
            app.screen.dismiss()
        await until(pilot, lambda: app.screen is run_screen)


async def test_a_dialog_answered_twice_closes_once():
    app = jem_app(FakeSource())
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: shows(app, "TRAINING"))
        run_screen = app.screen
        app.action_interrupt()
        dialog = app.screen
        assert isinstance(dialog, QuitScreen)
        dialog.action_choose("cancel")
        dialog.action_choose("save")
        await until(pilot, lambda: app.screen is run_screen)
        assert not app.exit_request.waiting


async def test_the_palette_switches_preferences_and_saves_them(tmp_path):
    app = jem_app(FakeSource())
    app._preferences = Preferences(tmp_path / "screen.toml")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: shows(app, "TRAINING"))
        for title in ("Switch on the bell at the end", "Ask before restarts of chains"):
            commands = preference_commands(app._session, app._announcer, app._keep)
            next(command for command in commands if command.title == title).callback()
        assert app._announcer.is_on("bell") and app._session.confirmations.before_restarts
        titles = {command.title for command in preference_commands(app._session, app._announcer, app._keep)}
        assert {"Switch off the bell at the end", "Restart chains at once"} <= titles
    saved = Preferences.load(tmp_path / "screen.toml")
    assert saved.section("signals") == {"bell": True} and saved.section("steering") == {"ask_before_restarts": True}
