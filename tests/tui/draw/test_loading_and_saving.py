"""Drawing before the model is loaded, and the drawing at the end: a warning, or a file."""

from __future__ import annotations

import numpy as np
import pytest

from jem_tui.jem.data.drawn_image import read_for_model
from tests.tui.draw.fake_drawings import FakeDrawings, draw_app, reached, ready, screen_of, shows_notice
from tests.tui.sources import shows

SIZE = (120, 35)


@pytest.mark.parametrize("paper", [0, 255])
async def test_the_user_draws_while_the_model_loads(paper):
    drawings = FakeDrawings(paper=paper)
    drawings.may_open.clear()
    app = draw_app(drawings, shape=(28, 28, 1))
    async with app.run_test(size=SIZE) as pilot:
        state = screen_of(app).drawing
        await reached(pilot, lambda: shows(app, "loading the model 50% … You can draw already."))
        await pilot.press("space", "right", "right", "space")
        assert state.canvas is not None and not state.canvas.is_blank
        await pilot.press("g")
        assert shows_notice(app, "The model is still loading") and not state.running
        drawings.may_open.set()
        await ready(pilot, screen_of(app))
        await reached(pilot, lambda: shows(app, "80.0 %"))
        sent = drawings.requests[0].pixels
        assert sent is not None and sent[14, 15, 0] == 255 - paper and sent[0, 0, 0] == paper
        await pilot.press("u")
        assert state.canvas.is_blank


async def test_keys_before_the_size_of_images_is_known_say_why_they_draw_nothing():
    drawings = FakeDrawings()
    drawings.may_open.clear()
    app = draw_app(drawings)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("space")
        assert shows_notice(app, "The model is still loading")
        drawings.may_open.set()
        await ready(pilot, screen_of(app))


async def test_a_drawing_is_not_discarded_without_a_warning(tmp_path):
    app = draw_app(FakeDrawings(), run_dir=str(tmp_path))
    async with app.run_test(size=SIZE) as pilot:
        state = await ready(pilot, screen_of(app))
        await pilot.press("space", "q")
        assert shows_notice(app, "Close again to discard it, or press s") and app.is_running
        await pilot.press("right", "space", "escape")
        assert app.is_running, "the drawing has changed since the warning"
        assert state.canvas is not None
        await pilot.press("escape")
        await reached(pilot, lambda: not app.is_running)


async def test_a_saved_drawing_is_an_image_that_can_be_opened_and_closes_at_once(tmp_path):
    app = draw_app(FakeDrawings(), run_dir=str(tmp_path))
    async with app.run_test(size=SIZE) as pilot:
        state = await ready(pilot, screen_of(app))
        await pilot.press("s")
        assert shows_notice(app, "There is nothing to save yet") and not list(tmp_path.iterdir())
        await pilot.press("space", "right", "space", "s")
        file = tmp_path / "drawing_step_000005.png"
        await reached(pilot, file.exists)
        assert state.canvas is not None
        assert np.array_equal(read_for_model(file, (28, 28, 1), "white"), state.canvas.pixels)
        await pilot.press("q")
        await reached(pilot, lambda: not app.is_running)
