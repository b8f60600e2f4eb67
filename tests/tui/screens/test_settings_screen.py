"""The dialog of the settings of a run, and the keys of its knobs."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from typing import Any

from jem_tui.events.commands import Adjust, Command
from jem_tui.events.run import Adjusted, Event, Note, Wait
from jem_tui.tui.exiting.quit_screen import Choices
from jem_tui.tui.keys import RECORDED_SETTINGS
from jem_tui.tui.screens.settings_screen import SettingsScreen, setting_rows
from jem_tui.tui.state.pending import PendingCommands
from tests.tui.sources import BATCH, FakeSource, jem_app, run_started, screen_rows, shows, step_done, until

SIZE = (120, 40)


class Knobbed(FakeSource):
    """A watched loop with knobs, and with settings of its own."""

    def __init__(self, facts: dict[str, Any], total: int = 100_000) -> None:
        super().__init__(total=total)
        self._facts = facts
        self.values = dict(facts.get("knobs", {}))

    def events(self) -> Generator[Event | Wait, None, None]:
        yield run_started(**self._facts)
        while self.step < self._total:
            time.sleep(0.002)
            self.step += 1
            yield step_done(self.step)

    def apply(self, command: Command) -> Iterator[Event]:
        if not isinstance(command, Adjust):
            yield from super().apply(command)
            return
        self.commands.append(command)
        where: dict[str, Any] = {"step": self.step, "images": self.step * BATCH, "time": float(self.step)}
        old = self.values[command.name]
        self.values[command.name] = old * 2.0**command.increments
        yield Adjusted(**where, name=command.name, old=old, new=self.values[command.name])


def watched(**changes: Any) -> dict[str, Any]:
    settings = {"lr": 0.125, "model": {"width": 64}}
    abilities = frozenset({"samples", "adjust"})
    return {
        "config": {"watched": settings},
        "abilities": abilities,
        "knobs": {"mix": 0.5, "optimizer.rate": 8.0},
    } | changes


def row_with(app: Any, text: str) -> str:
    return next(row for row in screen_rows(app) if text in row)


def value_of(app: Any, name: str) -> str:
    """Return the text of a row of the dialog between the name of a setting and the frame."""
    return row_with(app, f"{name} ").partition(name)[2].partition("│")[0].strip()


async def test_knobs_are_chosen_and_adjusted_while_the_run_continues():
    source = Knobbed(watched())
    app = jem_app(source)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: shows(app, "TRAINING"))
        await pilot.press("V")
        await until(pilot, lambda: isinstance(app.screen, SettingsScreen) and shows(app, "model.width"))
        assert "0.125" in row_with(app, "lr ")
        await pilot.press("down", "left", "left", "up", "right")
        await until(pilot, lambda: source.values == {"mix": 1.0, "optimizer.rate": 2.0})
        await until(pilot, lambda: value_of(app, "optimizer.rate") == "2")
        await until(pilot, lambda: value_of(app, "mix") == "1")
        step = source.step
        await until(pilot, lambda: source.step > step)
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, SettingsScreen))
    assert [command.increments for command in source.commands_of(Adjust)] == [-1, -1, 1]


async def test_keys_of_settings_that_the_run_lacks_are_hidden():
    source = Knobbed(watched())
    app = jem_app(source)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: shows(app, "TRAINING") and source.step > 1)
        keys = app._run_screen.keys()
        offered = {key.id for key in keys}
        assert {"rate-up", "rate-down", "settings", "pause", "step"} <= offered
        assert not offered & {"steps-up", "step-size-down", "save", "reseed", "evaluate", "roll-back"}
        await pilot.press("K", "J", "s", "L")
        await until(pilot, lambda: source.commands_of(Adjust) != [])
    assert [command.name for command in source.commands_of(Adjust)] == ["optimizer.rate"]


async def test_settings_are_shown_but_not_changed_after_the_end():
    source = Knobbed(watched(), total=3)
    app = jem_app(source)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: shows(app, "FINISHED"))
        await pilot.press("V")
        await until(pilot, lambda: shows(app, "model.width"))
        assert not shows(app, "adjust")
        assert shows(app, "the run has ended: nothing can be changed")
        await pilot.press("right", "q")
        await until(pilot, lambda: not isinstance(app.screen, SettingsScreen))
    assert source.commands == []


async def test_settings_of_a_recording_say_that_they_are_recorded():
    app = jem_app(FakeSource(activity="replaying"))
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: shows(app, "REPLAYING"))
        keys = app._run_screen.keys()
        assert RECORDED_SETTINGS.tooltip in [key.tooltip for key in keys]
        await pilot.press("V")
        await until(pilot, lambda: shows(app, "recorded: nothing can be changed"))
        assert app.screen.query_one(Choices).highlighted is None
        await pilot.press("right")
        await until(pilot, lambda: "Recorded: nothing can be changed." in [each.message for each in app._notifications])


async def test_a_run_without_knobs_shows_its_settings():
    app = jem_app(Knobbed(watched(knobs={}, abilities=frozenset({"samples"}))))
    async with app.run_test(size=(60, 20)) as pilot:
        await until(pilot, lambda: shows(app, "TRAINING"))
        await pilot.press("V")
        await until(pilot, lambda: shows(app, "model.width"))
        await pilot.press("right", "down", "pagedown", "tab", "V")
        await until(pilot, lambda: not isinstance(app.screen, SettingsScreen))


def test_a_change_is_pending_until_it_is_answered():
    pending = PendingCommands()
    for name, increments in (("rate", 1), ("rate of mixing", 3), ("rate", 1), ("steps", -2)):
        pending.sent(Adjust(name=name, increments=increments))
    assert [pending.increments(name) for name in ("rate", "rate of mixing", "steps")] == [2, 3, -2]
    where = {"step": 1, "images": 1, "time": 0.0}
    pending.observe(Adjusted(**where, name="rate", old=1.0, new=2.0))
    pending.observe(Note(**where, text="rate of mixing stays at 1, the limit of its range"))
    pending.observe(Note(**where, text="something else"))
    assert [pending.increments(name) for name in ("rate", "rate of mixing", "steps")] == [1, 0, -2]
    pending.observe(Note(**where, text="changing rate failed: OSError: x", kind="warning"))
    assert [pending.increments(name) for name in ("rate", "steps")] == [0, -2]


def test_many_settings_are_cut_off():
    rows = list(setting_rows({f"name{number}": number for number in range(1000)}))
    assert len(rows) == 401
    assert rows[-1].plain == "…"
