"""Footer and help: which keys are offered, and in which words."""

from __future__ import annotations

import pytest

from jem_tui.events.commands import Reseed, Seek
from jem_tui.tui.app import JemApp
from jem_tui.tui.keys import KEYS
from jem_tui.tui.panes.key_panel import KeyPanel
from jem_tui.tui.state.screen_role import ScreenRole
from tests.tui.sources import FakeSource, badge, jem_app, screen_rows, shows, until

SIZE = (120, 35)


def notices(app: JemApp) -> str:
    """Return the text of all toasts, line by line."""
    return "\n".join(each.message for each in app._notifications)


async def test_keys_without_an_ability_of_the_source_are_hidden():
    app = jem_app(FakeSource(activity="replaying"))
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "speed" in screen_rows(app)[-1])
        footer = screen_rows(app)[-1]
        assert all(word in footer for word in ("pause", "step", "seek", "help", "quit"))
        assert not any(word in footer for word in ("restart", "save"))
        await pilot.press("r", "s", "question_mark")
        await until(pilot, lambda: shows(app, "Seek back by one step."))
        assert not shows(app, "Write a checkpoint now.")


async def test_a_replay_at_its_end_is_played_again():
    source = FakeSource(activity="replaying", total=40, pause=0.01)
    app = jem_app(source)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: shows(app, " ENDED "))
        await pilot.press("p")
        await until(pilot, lambda: badge(app) == "REPLAYING")
        assert source.commands_of(Seek) == [Seek(step=0)]


async def test_an_ended_run_offers_nothing_to_steer():
    source = FakeSource(total=3)
    app = jem_app(source)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: shows(app, "FINISHED"))
        await until(pilot, lambda: "quit" in screen_rows(app)[-1] and "pause" not in screen_rows(app)[-1])
        await pilot.press("p", "n", "r", "s")
    assert source.commands == []


def test_every_key_has_an_id_a_label_and_a_sentence():
    assert len({key.id for key in KEYS}) == len(KEYS)
    for key in KEYS:
        assert key.label
        assert key.tooltip.endswith(".")
        assert (key.binding.id, key.binding.tooltip, key.binding.action) == (key.id, key.tooltip, key.textual_action)


async def test_the_footer_says_resume_during_a_pause():
    app = jem_app(FakeSource())
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "p pause" in screen_rows(app)[-1])
        await pilot.press("p")
        await until(pilot, lambda: "p resume" in screen_rows(app)[-1] and "n step" in screen_rows(app)[-1])
        await pilot.press("p")
        await until(pilot, lambda: "p pause" in screen_rows(app)[-1])


async def test_a_replay_at_its_end_displays_it_until_a_seek():
    source = FakeSource(activity="replaying", pause=0.01)
    app = jem_app(source)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: shows(app, "REPLAYING"))
        await pilot.press("n")
        await until(pilot, lambda: badge(app) == "PAUSED")
        source.finish()
        await pilot.press("n", "n")
        await until(pilot, lambda: badge(app) == "ENDED")
        await until(pilot, lambda: "n step" not in screen_rows(app)[-1] and "p play again" in screen_rows(app)[-1])
        await pilot.press("n")
        await until(pilot, lambda: "Press p to play it again." in notices(app))
        assert badge(app) == "ENDED"
        await pilot.press("left")
        await until(pilot, lambda: badge(app) == "PAUSED")


async def test_a_replay_from_the_browser_returns_to_it():
    app = jem_app(FakeSource(activity="replaying", total=3))
    app.run_handle.role = ScreenRole(from_browser=True)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "q back" in screen_rows(app)[-1])
        assert "quit" not in screen_rows(app)[-1]
        await until(pilot, lambda: badge(app) == "ENDED")
        await pilot.press("E")
        await until(pilot, lambda: shows(app, "Replay of a run") and shows(app, "q back"))


async def test_help_in_a_replay_does_not_mention_quitting_a_training_run():
    app = jem_app(FakeSource(activity="replaying"))
    async with app.run_test(size=(120, 140)) as pilot:
        await until(pilot, lambda: shows(app, "REPLAYING"))
        await pilot.press("question_mark")
        await until(pilot, lambda: shows(app, "Quit."))
        assert not shows(app, "Stop and save")
        assert shows(app, "Jump to the end of the recording.")


@pytest.mark.parametrize(
    ("activity", "key", "reason"),
    [
        ("replaying", "r", "Restart all chains: this is a recording. The key works while a run is training."),
        ("replaying", "K", "Increase K by 1: this is a recording."),
        ("training", "g", "Go to step: this works in a recording."),
        ("training", "left", "Move cursor left: this works in the curves or the samples. Press tab until one of"),
        ("training", "enter", "Toggle full screen: this works in the curves or the samples."),
        ("training", "7", "Toggle ranks: this run trains in one process"),
    ],
)
async def test_a_key_that_cannot_work_says_why_once(activity: str, key: str, reason: str):
    source = FakeSource(activity=activity)
    app = jem_app(source)
    async with app.run_test(size=(200, 50)) as pilot:
        await until(pilot, lambda: "quit" in screen_rows(app)[-1])
        await pilot.press(key, key)
        await until(pilot, lambda: reason in notices(app))
        assert len(app._notifications) == 1
        assert not source.commands_of(Reseed)


async def test_a_key_of_an_ended_run_names_the_command_that_continues_it():
    app = jem_app(FakeSource(total=3))
    async with app.run_test(size=(200, 50)) as pilot:
        await until(pilot, lambda: shows(app, "FINISHED"))
        await pilot.press("r")
        await until(pilot, lambda: "jem-tui train --resume runs/" in notices(app))


@pytest.mark.parametrize("width", [60, 80, 120, 200])
async def test_the_footer_begins_with_the_keys_of_the_focused_pane(width: int):
    app = jem_app(FakeSource())
    async with app.run_test(size=(width, 35)) as pilot:
        await until(pilot, lambda: screen_rows(app)[-1].startswith(" p pause"))
        await pilot.press("tab", "1")
        app.screen.set_focus(app.screen.query_one("#curves"))
        await until(pilot, lambda: screen_rows(app)[-1].startswith(" ←→ cursor"))
        footer = screen_rows(app)[-1]
        assert all(word in footer for word in ("↑↓ panel", "h keys", "? help", "q quit"))
        assert len(footer.rstrip()) <= width
        app.screen.set_focus(None)
        await until(pilot, lambda: screen_rows(app)[-1].startswith(" p pause"))


async def test_a_click_on_a_word_of_the_footer_presses_its_key():
    source = FakeSource()
    app = jem_app(source)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "p pause" in screen_rows(app)[-1])
        await pilot.click("KeyFooter", offset=(screen_rows(app)[-1].index("pause") + 1, 0))
        await until(pilot, lambda: badge(app) == "PAUSED")


@pytest.mark.parametrize("size", [(60, 20), (120, 35)])
async def test_the_panel_of_keys_lists_what_works_until_the_next_key(size: tuple[int, int]):
    source = FakeSource()
    app = jem_app(source)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: "h keys" in screen_rows(app)[-1])
        panel = app.screen.query_one(KeyPanel)
        await pilot.press("h")
        await until(pilot, lambda: shows(app, "keys that work now"))
        assert panel.region.bottom == size[1] - 1
        await pilot.press("p")
        await until(pilot, lambda: shows(app, " PAUSED "))
        assert not panel.display
        await pilot.press("h", "escape")
        assert not panel.display
        await pilot.press("h", "h")
        assert not panel.display
        await pilot.press("h", "ctrl+p")
        await until(pilot, lambda: not panel.display)
