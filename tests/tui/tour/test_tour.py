"""The tour: its steps, its panel, and the keys that it follows."""

from __future__ import annotations

from itertools import product

import pytest

from jem_tui.events.commands import Reseed, Seek
from jem_tui.tui.app import JemApp
from jem_tui.tui.keys.remap import DEFAULT_KEYBOARD
from jem_tui.tui.tour.tour import Tour
from jem_tui.tui.tour.tour_panel import TourPanel
from jem_tui.tui.tour.tour_steps import CLOSING, CLOSING_RECORDING, TourStep, tour_steps
from tests.tui.sources import FakeSource, jem_app, screen_rows, shows, until

SIZES = [(60, 20), (80, 24), (120, 35), (200, 60)]
EVERY_STEP = {
    step.text + step.task: step
    for live, histograms, one in product((True, False), repeat=3)
    for step in tour_steps(live=live, with_histograms=histograms, one_panel=one)
}.values()


def recording() -> FakeSource:
    return FakeSource(activity="replaying", total=5000, pause=0.01)


def panel(app: JemApp) -> TourPanel:
    return app.screen.query_one(TourPanel)


@pytest.mark.parametrize("step", EVERY_STEP, ids=lambda step: step.title)
def test_a_step_names_keys_that_exist_and_fits_a_small_screen(step: TourStep):
    assert set(step.keys) <= set(DEFAULT_KEYBOARD.by_name)
    for sentence in (step.text, step.task, step.done):
        assert sentence.endswith((".", "?")) and "{" not in DEFAULT_KEYBOARD.fill(sentence)
    rows = TourPanel(Tour([step]), DEFAULT_KEYBOARD).rows(60)
    assert len(rows) <= 8 and max(row.cell_length for row in rows) <= 60


@pytest.mark.parametrize("page", [CLOSING, CLOSING_RECORDING])
def test_the_closing_page_names_what_is_next_and_no_task(page: TourStep):
    tour = Tour([], page)
    rows = [row.plain for row in TourPanel(tour, DEFAULT_KEYBOARD).rows(60)]
    assert "Next: D lets you draw" in rows[1] and "The tour is complete" in rows[0] and "▲" not in rows[0]
    assert "enter close" in rows[-1] and "▸" not in "".join(rows) and not tour.move(1)


def test_a_task_is_done_once_and_moving_forgets_it():
    tour = Tour(tour_steps(live=True, with_histograms=False))
    assert not tour.pressed("quit")
    assert tour.pressed("rougher") and not tour.pressed("rougher") and tour.task_done
    assert tour.move(1) and tour.number == 1 and not tour.task_done
    assert tour.move(-5) and tour.number == 0
    assert not tour.move(5) and tour.number == 0


@pytest.mark.parametrize("size", SIZES)
async def test_the_panel_points_at_the_pane_and_never_covers_it(size: tuple[int, int]):
    app = jem_app(recording())
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: shows(app, "REPLAYING"))
        await pilot.press("f2")
        for number, step in enumerate(tour_steps(live=False, with_histograms=False)):
            title = f"tour {number + 1} of 5 · {step.title}"
            await until(pilot, lambda title=title: shows(app, title))
            await until(pilot, lambda: panel(app).region.height > 0)
            place, below = app.screen.query_one(f"#{step.place}"), panel(app).region
            assert not place.region.overlaps(below) or not place.display
            if place.display and step.place != "header":
                edge = screen_rows(app)[below.y]
                assert place.region.x <= edge.index("▲") < place.region.right
            await pilot.press("enter")
        await until(pilot, lambda: shows(app, "The tour is complete"))
        assert "jem-tui train" in " ".join(" ".join(screen_rows(app)).split())
        await pilot.press("enter")
        await until(pilot, lambda: not app.screen.query(TourPanel))
        assert not app._notifications


async def test_a_task_is_ticked_by_its_key_and_the_tour_ends_at_any_time():
    app = jem_app(recording())
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: shows(app, "REPLAYING"))
        await pilot.press("f2", "enter", "enter")
        await until(pilot, lambda: shows(app, "▸ Press p to pause."))
        await pilot.press("p")
        await until(pilot, lambda: shows(app, "✓ p again resumes, n takes a single step.") and shows(app, "PAUSED"))
        await pilot.press("backspace")
        await until(pilot, lambda: shows(app, "tour 2 of 5"))
        await pilot.press("tab", "escape")
        await until(pilot, lambda: not app.screen.query(TourPanel))
        assert "f2 starts it again" in "".join(each.message for each in app._notifications)
        await pilot.press("f2", "f2")
        await until(pilot, lambda: shows(app, "tour 1 of 5"))
        assert len(app.screen.query(TourPanel)) == 1


@pytest.mark.parametrize(
    ("activity", "word"), [("replaying", "A recording cannot be changed"), ("training", "restart the worst 16")]
)
async def test_the_step_about_restarts_is_honest_about_a_recording(activity: str, word: str):
    source = FakeSource(activity=activity)
    app = jem_app(source)
    async with app.run_test(size=(120, 35)) as pilot:
        await until(pilot, lambda: "quit" in screen_rows(app)[-1])
        await pilot.press("f2", "enter", "enter", "enter")
        await until(pilot, lambda: shows(app, word))
        await pilot.press("w")
        await until(pilot, lambda: shows(app, "✓ ") is (activity == "training"))
        assert bool(source.commands_of(Reseed)) is (activity == "training")


async def test_the_tour_of_a_run_in_training_does_not_suggest_training():
    app = jem_app(FakeSource(activity="training"))
    async with app.run_test(size=(120, 35)) as pilot:
        await until(pilot, lambda: "quit" in screen_rows(app)[-1])
        await pilot.press("f2", *["enter"] * 5)
        await until(pilot, lambda: shows(app, "The tour is complete"))
        assert not shows(app, "jem-tui train")
        await pilot.press("escape")
        await until(pilot, lambda: not app.screen.query(TourPanel))


@pytest.mark.parametrize("size", [(80, 24), (120, 35)])
async def test_every_task_can_be_done_and_leaves_the_screen_and_the_preferences_as_they_were(size: tuple[int, int]):
    source = recording()
    app = jem_app(source)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: shows(app, "REPLAYING"))
        screen = app.screen
        charts, grid, shown = screen._panes.charts, screen._panes.samples.grid, screen._workspace.shown
        before = charts.viewport.settings
        await pilot.press("f2")
        for step in tour_steps(live=False, with_histograms=size[1] > 30):
            await until(pilot, lambda step=step: panel(app).tour.step.title == step.title)
            if step.keys:
                await pilot.press(DEFAULT_KEYBOARD.by_name[step.keys[0]].replace("[", "left_square_bracket"))
                await until(pilot, lambda: panel(app).tour.task_done)
            assert grid.shown or grid._samples is None or not grid.is_on_screen
            await pilot.press("enter")
        await until(pilot, lambda: panel(app).tour.complete)
        assert charts.viewport.settings == before and not grid.by_class and screen._workspace.shown == shown
        assert not app._preferences.section("curves") and not app._preferences.section("layout")
        assert not screen._session.state.paused and source.commands_of(Seek)[-1] == Seek(step=5000)
        await pilot.press("enter", "left_square_bracket")
        await until(pilot, lambda: bool(app._preferences.section("curves")))


async def test_a_run_that_is_paused_has_done_the_task_of_the_pause():
    app = jem_app(recording())
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: shows(app, "REPLAYING"))
        await pilot.press("n", "f2", "enter", "enter")
        await until(pilot, lambda: shows(app, "✓ p again resumes"))


async def test_a_step_that_changes_the_run_says_so():
    app = jem_app(recording())
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: shows(app, "REPLAYING"))
        await pilot.press("f2", "enter", "enter", "p")
        await until(pilot, lambda: shows(app, "PAUSED"))
        assert not panel(app).tour.notice
        await pilot.press("enter")
        await until(pilot, lambda: shows(app, "tour 4 of 5") and shows(app, "The pause has ended."))
        await pilot.press("enter")
        await until(pilot, lambda: shows(app, "tour 5 of 5"))
        assert "The recording is now at its last step." in " ".join(" ".join(screen_rows(app)).split())
        await pilot.press("backspace")
        await until(pilot, lambda: shows(app, "tour 4 of 5") and not shows(app, "The pause has ended."))


async def test_a_demo_begins_with_the_tour():
    app = jem_app(recording())
    app._tour = True
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: shows(app, "tour 1 of 5"))
