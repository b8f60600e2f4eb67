"""The tour: its steps, its panel, and the keys that it follows."""

from __future__ import annotations

import pytest

from jem_tui.events.commands import Reseed
from jem_tui.tui.app import JemApp
from jem_tui.tui.keys.remap import DEFAULT_KEYBOARD
from jem_tui.tui.tour.tour import Tour
from jem_tui.tui.tour.tour_panel import TourPanel
from jem_tui.tui.tour.tour_steps import TourStep, tour_steps
from tests.tui.sources import FakeSource, jem_app, screen_rows, shows, until

SIZES = [(60, 20), (80, 24), (120, 35), (200, 60)]
EVERY_STEP = {
    step.text: step for live in (True, False) for step in tour_steps(live=live, with_histograms=live)
}.values()


def panel(app: JemApp) -> TourPanel:
    return app.screen.query_one(TourPanel)


@pytest.mark.parametrize("step", EVERY_STEP, ids=lambda step: step.title)
def test_a_step_names_keys_that_exist_and_fits_a_small_screen(step: TourStep):
    assert set(step.keys) <= set(DEFAULT_KEYBOARD.by_name)
    for sentence in (step.text, step.task, step.done):
        assert sentence.endswith(".") and "{" not in DEFAULT_KEYBOARD.fill(sentence)
    rows = TourPanel(Tour([step]), DEFAULT_KEYBOARD).rows(60)
    assert len(rows) <= 8 and max(row.cell_length for row in rows) <= 60


def test_a_task_is_done_once_and_moving_forgets_it():
    tour = Tour(tour_steps(live=True, with_histograms=False))
    assert not tour.pressed("quit")
    assert tour.pressed("rougher") and not tour.pressed("rougher") and tour.task_done
    assert tour.move(1) and tour.number == 1 and not tour.task_done
    assert tour.move(-5) and tour.number == 0
    assert not tour.move(5) and tour.number == 0


@pytest.mark.parametrize("size", SIZES)
async def test_the_panel_points_at_the_pane_and_never_covers_it(size: tuple[int, int]):
    app = jem_app(FakeSource(activity="replaying"))
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
        await until(pilot, lambda: not app.screen.query(TourPanel))
        (notice,) = (each.message for each in app._notifications)
        assert "jem-tui train, f2 takes the tour" in notice and "? explains every key" in notice


async def test_a_task_is_ticked_by_its_key_and_the_tour_ends_at_any_time():
    source = FakeSource(activity="replaying")
    app = jem_app(source)
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
        await until(pilot, lambda: not app.screen.query(TourPanel))
        (notice,) = (each.message for each in app._notifications)
        assert "f2 starts the tour again" in notice and "jem-tui train" not in notice


async def test_a_demo_begins_with_the_tour():
    app = jem_app(FakeSource(activity="replaying"))
    app._tour = True
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: shows(app, "tour 1 of 5"))
