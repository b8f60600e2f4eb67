"""Keys of a training run: their commands, their effect on the screen, and when they are offered."""

from __future__ import annotations

import time
from functools import partial
from typing import get_args

import pytest

from jem_tui.events.commands import (
    Adjust,
    Adjustable,
    EvaluateNow,
    Reseed,
    RollBack,
    SampleNow,
    SaveNow,
    Seek,
    Speed,
    UndoRestart,
)
from jem_tui.events.run import Event, Paused, Resumed, StepDone
from jem_tui.run_files import checkpoint_path
from jem_tui.tui.keys.training_keys import KEYS
from tests.tui import sources
from tests.tui.sources import FakeSource, badge, jem_app, shows, text_of, until

SIZE = (120, 35)


def kinds(events: list[Event]) -> list[str]:
    return [type(event).__name__ for event in events if isinstance(event, StepDone | Paused | Resumed)]


@pytest.mark.parametrize("key", ["p", pytest.param("space", marks=pytest.mark.slow)])
async def test_pause_is_announced_at_once_and_takes_effect_within_a_step(key):
    source = FakeSource()
    app = jem_app(source)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: shows(app, "TRAINING") and source.step > 1)
        source.may_step.clear()
        await pilot.press(key)
        await until(pilot, lambda: badge(app) == "PAUSING")
        step = source.step
        source.may_step.set()
        await until(pilot, lambda: badge(app) == "PAUSED")
        assert source.step <= step + 1
        await pilot.pause(0.2)
        assert source.step <= step + 1
        step = source.step
        await pilot.press(key)
        await until(pilot, lambda: badge(app) == "TRAINING")
        await until(pilot, lambda: source.step > step)


async def test_every_single_step_does_exactly_one_step():
    source = FakeSource(pause=0.01)
    recorded: list[Event] = []
    app = jem_app(source, recorded.append)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: shows(app, "TRAINING") and source.step > 3)
        await pilot.press("n")
        await until(pilot, lambda: badge(app) == "PAUSED")
        for _ in range(3):
            step = source.step
            await pilot.press("n")
            await until(pilot, lambda step=step: source.step == step + 1 and badge(app) == "PAUSED")
            await pilot.pause(0.1)
            assert source.step == step + 1
        await pilot.press("n", "n", "n")
        await until(pilot, lambda: source.step == step + 4 and badge(app) == "PAUSED")
    after = kinds(recorded)[kinds(recorded).index("Paused") :]
    assert after == ["Paused", *["StepDone"] * 7]


async def test_commands_reach_the_source_and_their_notes_the_log():
    source = FakeSource()
    app = jem_app(source)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: shows(app, "TRAINING") and source.step > 3)
        await pilot.press("r", "s")
        await until(pilot, lambda: len(source.commands_of(Reseed)) == 1 and len(source.commands_of(SaveNow)) == 1)
        await until(pilot, lambda: "restarted all chains" in text_of(app, "#note-list"))
        await until(pilot, lambda: "checkpoint saved" in text_of(app, "#note-list"))


@pytest.mark.parametrize(
    ("key", "command"),
    [
        ("w", Reseed(worst=16)),
        ("W", Reseed(fraction=0.1)),
        ("k", Adjust(name="sgld.steps", increments=-1)),
        ("K", Adjust(name="sgld.steps", increments=1)),
        ("j", Adjust(name="sgld.step_size", increments=-1)),
        ("J", Adjust(name="sgld.step_size", increments=1)),
        ("l", Adjust(name="optimizer.rate", increments=-1)),
        ("L", Adjust(name="optimizer.rate", increments=1)),
        ("e", EvaluateNow()),
    ],
)
async def test_every_command_key_sends_its_command(key, command):
    source = FakeSource()
    app = jem_app(source)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: shows(app, "TRAINING") and source.step > 3)
        await pilot.press(key)
        await until(pilot, lambda: command in source.commands)


async def test_a_changed_setting_is_noted_and_marked():
    source = FakeSource()
    app = jem_app(source)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: shows(app, "TRAINING") and source.step > 3)
        await pilot.press("L")
        await until(pilot, lambda: "learning rate 1 → 1.25" in text_of(app, "#note-list"))
        assert any(mark.kind == "adjust" for mark in app._session.state.run.marks)


async def test_rolling_back_without_a_checkpoint_says_so():
    source = FakeSource()
    app = jem_app(source)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: shows(app, "TRAINING") and source.step > 3)
        await pilot.press("u", "u")
        await until(pilot, lambda: "No checkpoint to roll back to. Press s to save one." in text_of(app, "#status"))
        assert source.commands_of(RollBack) == []


async def test_restarts_are_undone_by_a_key_and_asked_about_on_request():
    source = FakeSource()
    app = jem_app(source)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: shows(app, "TRAINING") and source.step > 3)
        await pilot.press("w", "U")
        await until(pilot, lambda: len(source.commands_of(UndoRestart)) == 1)
        assert source.commands_of(Reseed) == [Reseed(worst=16)]
        app._session.confirmations.before_restarts = True
        await pilot.press("w", "W")
        await until(pilot, lambda: "Press W again to restart 10 % of chains" in text_of(app, "#status"))
        await pilot.press("W")
        await until(pilot, lambda: source.commands_of(Reseed)[1:] == [Reseed(fraction=0.1)])


async def test_rolling_back_asks_for_a_second_press(tmp_path, monkeypatch):
    checkpoint_path(tmp_path, 302).parent.mkdir()
    checkpoint_path(tmp_path, 302).touch()
    monkeypatch.setattr(sources, "run_started", partial(sources.run_started, run_dir=str(tmp_path)))
    source = FakeSource()
    app = jem_app(source)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: shows(app, "TRAINING") and source.step > 3)
        await pilot.press("u")
        await until(pilot, lambda: "Press u again to roll back to step 302" in text_of(app, "#status"))
        assert source.commands_of(RollBack) == []
        await pilot.press("u")
        await until(pilot, lambda: len(source.commands_of(RollBack)) == 1)
        await until(pilot, lambda: "there is no checkpoint" in text_of(app, "#note-list"))
        await until(pilot, lambda: "again" not in text_of(app, "#status"))


@pytest.mark.slow
async def test_samples_are_requested_at_most_twice_a_second_and_not_while_paused():
    source = FakeSource(pause=0.01)
    app = jem_app(source)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: shows(app, "TRAINING"))
        before, since = len(source.commands_of(SampleNow)), time.monotonic()
        await pilot.pause(2.0)
        await until(pilot, lambda: len(source.commands_of(SampleNow)) > before)
        assert len(source.commands_of(SampleNow)) - before <= 2 * (time.monotonic() - since) + 1
        await pilot.press("p")
        await until(pilot, lambda: badge(app) == "PAUSED")
        await pilot.pause(1.2)
        before = len(source.commands_of(SampleNow))
        await pilot.pause(1.5)
        assert len(source.commands_of(SampleNow)) == before


@pytest.mark.slow
async def test_only_numbers_about_the_machine_are_drawn_while_paused():
    source = FakeSource()
    app = jem_app(source)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: shows(app, "TRAINING") and source.step > 10)
        await pilot.press("p")
        await until(pilot, lambda: badge(app) == "PAUSED")
        await pilot.pause(2.5)
        frames: list[object] = []
        since = time.monotonic()
        app._display = lambda screen, renderable: frames.append(renderable)
        await pilot.pause(3.0)
        assert len(frames) <= 2 * (
            time.monotonic() - since
        )  # what the program and its screen take, a few times in these seconds
        del app._display


async def test_a_replay_can_be_sped_up_and_sought_through():
    source = FakeSource(activity="replaying", total=1000, pause=0.01)
    app = jem_app(source)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: shows(app, "REPLAYING"))
        await pilot.press("p")
        await until(pilot, lambda: badge(app) == "PAUSED")
        step = source.step
        await pilot.press("greater_than_sign", "greater_than_sign", "less_than_sign", "greater_than_sign")
        await until(pilot, lambda: len(source.commands_of(Speed)) == 4)
        assert [command.factor for command in source.commands_of(Speed)] == [2.0, 4.0, 2.0, 4.0]
        await pilot.press("right", "right", "left", "right")
        await until(pilot, lambda: len(source.commands_of(Seek)) == 4)
        assert [command.step - step for command in source.commands_of(Seek)] == [1, 2, 1, 2]
        await until(pilot, lambda: f"{step + 2:,}/1,000" in text_of(app, "#header"))
        assert badge(app) == "PAUSED"
        assert "×4" in text_of(app, "#header")
        await pilot.press("home")
        await until(pilot, lambda: source.commands_of(Seek)[-1].step == 0)
        await pilot.press("end")
        await until(pilot, lambda: "1,000/1,000" in text_of(app, "#header"))
    assert source.commands_of(SampleNow) == []


async def test_pictures_can_be_drawn_in_several_ways():
    app = jem_app(FakeSource())
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: shows(app, "of 10,000 chains"))
        grid = app.screen.query_one("#grid")
        seen = {grid.drawn}
        for _ in range(4):
            await pilot.press("b")
            await until(pilot, lambda: shows(app, f"{grid.described} · step"))
            seen.add(grid.drawn)
        assert seen == {"half-block", "quadrant", "braille", "dithered"}


def test_every_adjustable_setting_has_a_key():
    adjusted = {key.action.name for key in KEYS if isinstance(key.action, Adjust)}
    assert adjusted == set(get_args(Adjustable))
