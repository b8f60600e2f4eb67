"""A recording on the screen: the slider, its keys, the mouse on it, and several runs at once."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from textual.geometry import Offset

from jem_tui.cli.open_replayer import replayer_opener
from jem_tui.events.run import TOTAL, Event, Note, Stopped
from jem_tui.stream.writer.recorder import Recorder
from jem_tui.tui.app import JemApp
from jem_tui.tui.replay.goto_screen import GoToScreen, parse_step
from jem_tui.tui.replay.timeline_bar import HEAD, MARK
from jem_tui.tui.samples.gallery import arrange_panes
from jem_tui.tui.state.run_handle import RunHandle, driving
from tests.tui.sources import BATCH, run_started, samples, shows, step_done, text_of, until

SIZE = (120, 35)
STEPS = 200
MARKED = (50, 120)


def recorded(run_dir: Path, steps: int = STEPS, loss: float = 1.0) -> Path:
    """Record a run with steps one second apart, two checkpoints, and samples every tenth step."""
    recorder = Recorder(run_dir, ["jem-tui", "train"])
    recorder(run_started(total=steps))
    for step in range(1, steps + 1):
        recorder(step_done(step, **{TOTAL: loss}))
        if step % 10 == 0:
            recorder(samples(step))
        if step in MARKED:
            recorder(note(step))
    recorder(Stopped(step=steps, images=steps * BATCH, time=float(steps), reason="finished"))
    return run_dir


def note(step: int) -> Event:
    return Note(step=step, images=step * BATCH, time=float(step), text=f"checkpoint saved: {step}", kind="checkpoint")


def replay_app(*run_dirs: Path, speed: float = 1.0, patience: float = math.inf) -> JemApp:
    opener = replayer_opener(run_dirs, speed, patience)
    return JemApp(RunHandle(driving(opener, lambda event: None)), label="replay", run_dir=str(run_dirs[0]))


def bar(app: JemApp) -> str:
    return text_of(app, "#timeline")


def at(app: JemApp, step: int) -> bool:
    """Return whether timeline, curves and header are at `step`."""
    run = app._session.state.run
    curve = int(run.series[TOTAL].steps[-1]) if TOTAL in run.series else 0
    return f"{step}/{STEPS}" in bar(app) and curve == run.step == step


@pytest.fixture(scope="module")
def run_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return recorded(tmp_path_factory.mktemp("transport") / "run")


async def test_keys_go_by_steps_by_tens_to_the_ends_and_from_mark_to_mark(run_dir: Path):
    app = replay_app(run_dir)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: shows(app, "REPLAYING"))
        await pilot.press("p")
        await until(pilot, lambda: shows(app, "PAUSED"))
        expected = [("home", 1), ("m", 50), ("m", 120), ("m", STEPS), ("M", 120), ("M", 50), ("M", 1)]
        expected += [("shift+right", 11), ("right", 12), ("left", 11), ("shift+left", 1), ("end", STEPS)]
        for key, step in expected:
            await pilot.press(key)
            await until(pilot, lambda step=step: at(app, step))
        assert app._session.state.run.samples.step == STEPS


async def test_a_step_can_be_typed_in(run_dir: Path):
    app = replay_app(run_dir)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: shows(app, "REPLAYING"))
        await pilot.press("p", "g")
        await until(pilot, lambda: isinstance(app.screen, GoToScreen))
        await pilot.press("enter")
        await until(pilot, lambda: shows(app, "Not a step"))
        await pilot.press(*"grq")
        await until(pilot, lambda: shows(app, "Only digits"))
        await pilot.press(*"75%", "enter")
        await until(pilot, lambda: not isinstance(app.screen, GoToScreen) and at(app, 150))
        assert app._session.state.run.samples.step == 150
        await pilot.press("g", "escape")
        await until(pilot, lambda: not isinstance(app.screen, GoToScreen))
        assert at(app, 150)


@pytest.mark.parametrize(
    ("text", "step"), [("12", 12), (" 1,000 ", 100), ("0", 1), ("25%", 26), ("100 %", 100), ("", None), ("x", None)]
)
def test_steps_are_read_as_people_write_them(text: str, step: int | None):
    assert parse_step(text, (1, 100)) == step
    assert parse_step("nan%", (1, 100)) is None
    assert parse_step("inf%", (1, 100)) is None


async def test_the_slider_can_be_clicked_and_dragged(run_dir: Path):
    app = replay_app(run_dir)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: shows(app, "REPLAYING"))
        await pilot.press("p")
        await until(pilot, lambda: shows(app, "PAUSED") and HEAD in bar(app))
        track = app.screen.query_one("#timeline")._slider()
        middle = track.start + track.column(100)
        await pilot.click("#timeline", offset=(middle, 0))
        reached = track.step(middle)
        await until(pilot, lambda: at(app, reached))
        assert bar(app).index(HEAD) == middle
        await pilot.mouse_down("#timeline", offset=(middle, 0))
        for x in range(middle, track.start + track.width - 1, 3):
            await pilot.hover("#timeline", offset=(x, 0))
        await pilot.hover("#timeline", offset=(track.start + track.width - 1, 0))
        await pilot.mouse_up("#timeline", offset=(track.start + track.width - 1, 0))
        await until(pilot, lambda: at(app, STEPS))


async def test_marks_on_the_timeline_have_tooltips(run_dir: Path):
    app = replay_app(run_dir)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: MARK in bar(app))
        widget = app.screen.query_one("#timeline")
        columns = [x for x, glyph in enumerate(bar(app)) if glyph == MARK]
        track = widget._slider()
        assert columns == [track.start + track.column(step) for step in MARKED]
        await pilot.hover("#timeline", offset=Offset(columns[0], 0))
        assert widget.tooltip == "step 50: checkpoint saved: 50"


async def test_speed_doubles_halves_and_returns_to_the_recorded_pace(run_dir: Path):
    app = replay_app(run_dir)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "×1" in bar(app))
        for key, shown in [("less_than_sign", "×½"), ("less_than_sign", "×¼"), ("less_than_sign", "×¼")]:
            await pilot.press(key)
            await until(pilot, lambda shown=shown: shown in bar(app))
        await pilot.press(*["greater_than_sign"] * 9)
        await until(pilot, lambda: "×64" in bar(app))
        await pilot.press("d")
        await until(pilot, lambda: "as recorded" in bar(app))
        await pilot.press("greater_than_sign")
        await until(pilot, lambda: "×2" in bar(app))


async def test_a_step_back_from_the_end_stays_there(run_dir: Path):
    app = replay_app(run_dir, speed=1000.0)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: shows(app, "ENDED"))
        await pilot.press("left")
        await until(pilot, lambda: shows(app, "PAUSED") and at(app, STEPS - 1))
        await pilot.press("left")
        await until(pilot, lambda: at(app, STEPS - 2))


async def test_speed_keys_do_not_slow_a_replay_beyond_their_limit(run_dir: Path):
    app = replay_app(run_dir, speed=500.0)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: shows(app, "×500"))
        await pilot.press("greater_than_sign")
        await pilot.pause()
        assert app.state.speed == 500
        await pilot.press("less_than_sign")
        await until(pilot, lambda: app.state.speed == 250)


async def test_a_followed_run_displays_new_steps_and_that_it_waits(tmp_path: Path):
    recorder = Recorder(tmp_path / "run", ["jem-tui", "train"])
    for event in (run_started(), step_done(1), note(1)):
        recorder(event)
    app = replay_app(tmp_path / "run", patience=0.1)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: shows(app, "WAITING"))
        recorder(step_done(2))
        recorder(note(2))
        await until(pilot, lambda: app._session.state.run.step == 2 and shows(app, "checkpoint saved: 2"))
        assert app._session.state.waiting
    recorder(Stopped(step=2, images=2 * BATCH, time=2.0, reason="stopped"))


async def test_several_runs_are_listed_filtered_and_hung_side_by_side(tmp_path: Path):
    runs = [recorded(tmp_path / name, steps) for name, steps in (("fast", 40), ("slow", 60), ("tiny", 20))]
    app = replay_app(*runs, speed=1000.0)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: shows(app, "ENDED") and shows(app, "runs · 3 of 3 shown"))
        shown = ("◆ slow", "● fast", "● tiny", "step 20", "step 40", "step 60")
        await until(pilot, lambda: all(shows(app, text) for text in shown))
        listed = app.screen.query_one("#run-list")
        listed.focus()
        await until(pilot, lambda: any("$primary" in str(span.style) for span in listed.content.spans))
        await pilot.press("slash", *"tin", "enter")
        await until(pilot, lambda: shows(app, "runs · 2 of 3 shown") and not shows(app, "● fast"))
        await pilot.press("slash", *["backspace"] * 3, "enter", "enter")
        await until(pilot, lambda: shows(app, "runs · 2 of 3 shown") and shows(app, "○ fast"))
        await pilot.press("down", "down", "o")
        await until(pilot, lambda: shows(app, "● tiny") and shows(app, "○ fast"))
        await pilot.press("o")
        await until(pilot, lambda: shows(app, "runs · 3 of 3 shown"))
        app.screen.set_focus(None)
        await pilot.press("o")  # sorts the samples
        assert all("● " in pane.border_title for pane in app.screen.query(".compared-samples"))


@pytest.mark.parametrize(
    ("runs", "size", "expected"),
    [
        (3, (60, 24), (3, 1)),
        (3, (60, 40), (3, 1)),
        (2, (100, 24), (1, 2)),
        (4, (200, 12), (4, 1)),
        (9, (60, 24), (3, 2)),
        (2, (10, 5), (1, 1)),
    ],
)
def test_the_gallery_is_arranged_to_show_most_chains(runs: int, size: tuple[int, int], expected: tuple[int, int]):
    assert arrange_panes(runs, *size) == expected
