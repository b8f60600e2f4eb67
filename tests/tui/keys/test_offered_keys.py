"""Footer and help: which keys are offered, and in which words."""

from __future__ import annotations

from jem_tui.tui.keys import KEYS
from jem_tui.tui.screens.help_screen import HelpScreen
from tests.tui.sources import FakeSource, badge, jem_app, screen_rows, shows, until

SIZE = (120, 35)


async def test_keys_without_an_ability_of_the_source_are_hidden():
    app = jem_app(FakeSource(activity="replaying"))
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "speed" in screen_rows(app)[-1])
        footer = screen_rows(app)[-1]
        assert all(word in footer for word in ("pause", "step", "seek", "rendering", "help", "quit"))
        assert not any(word in footer for word in ("restart", "save"))
        await pilot.press("r", "s", "question_mark")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        assert shows(app, "Seek back by one step.")
        assert not shows(app, "Write a checkpoint now.")


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
    source = FakeSource(activity="replaying", total=40, pause=0.05)
    app = jem_app(source)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: shows(app, "REPLAYING"))
        await pilot.press("n")
        await until(pilot, lambda: badge(app) == "PAUSED")
        await pilot.press(*["n"] * 40)
        await until(pilot, lambda: badge(app) == "ENDED")
        await until(pilot, lambda: "step" not in screen_rows(app)[-1] and "pause" not in screen_rows(app)[-1])
        await pilot.press("n", "p")
        await pilot.pause()
        assert badge(app) == "ENDED"
        await pilot.press("left")
        await until(pilot, lambda: badge(app) == "PAUSED")


async def test_help_in_a_replay_does_not_mention_quitting_a_training_run():
    app = jem_app(FakeSource(activity="replaying"))
    async with app.run_test(size=(120, 140)) as pilot:
        await until(pilot, lambda: shows(app, "REPLAYING"))
        await pilot.press("question_mark")
        await until(pilot, lambda: shows(app, "Quit."))
        assert not shows(app, "stop and save")
        assert shows(app, "Jump to the end of the recording.")
