"""The draw screen with a pilot: mouse and keys, chain, images, failures, and every size."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import numpy as np
import pytest
from textual.events import MouseMove

from jem_tui.errors import InputError
from jem_tui.tui.draw.canvas_widget import CanvasWidget
from jem_tui.tui.draw.open_image_screen import OpenImageScreen
from jem_tui.tui.help.help_panel import HelpPanel
from jem_tui.tui.keys.draw_keys import KEYS
from jem_tui.tui.preferences.theme import THEMES
from jem_tui.tui.state.drawing_access import THREAD_NAME
from tests.tui.draw.fake_drawings import FakeDrawings, draw_app, reached, ready, screen_of, shows_notice
from tests.tui.sources import screen_rows, shows

SIZE = (120, 35)


async def test_the_model_opens_on_its_own_thread_and_the_blank_drawing_is_scored():
    drawings = FakeDrawings()
    app = draw_app(drawings)
    async with app.run_test(size=SIZE) as pilot:
        state = await ready(pilot, screen_of(app))
        assert drawings.opened_on == THREAD_NAME
        assert state.canvas is not None and state.canvas.is_blank
        await reached(pilot, lambda: shows(app, "Draw with the mouse"))
        assert shows(app, "Nothing drawn yet") and not shows(app, "80.0 %")
        assert shows(app, "a-run") and shows(app, "averaged weights")
        await pilot.press("g", "n")
        assert shows_notice(app, "Draw first; g then lets") and not state.running and state.moved == 0
        assert all(word in screen_rows(app)[-1] for word in ("pen", "sampler", "undo", "centre", "help", "close"))


async def test_the_mouse_draws_a_line_and_the_right_button_erases():
    app = draw_app(FakeDrawings())
    async with app.run_test(size=SIZE) as pilot:
        state = await ready(pilot, screen_of(app))
        assert state.canvas is not None
        left, top = app.screen.query_one(CanvasWidget).view_of(state.canvas).corner
        place = {"widget": CanvasWidget}
        await pilot.mouse_down(**place, offset=(left + 10, top + 10))
        await pilot._post_mouse_events([MouseMove], CanvasWidget, offset=(left + 30, top + 10), button=1)
        await pilot.mouse_up(**place, offset=(left + 30, top + 10))
        drawn = np.argwhere(state.canvas.pixels[..., 0] > 200)
        assert set(drawn[:, 0]) <= {9, 10, 11} and set(range(6, 15)) <= set(drawn[:, 1])
        await reached(pilot, lambda: state.score is not None and state.score.energy > 0)
        await pilot.mouse_down(**place, offset=(left + 10, top + 10), button=3)
        await pilot.mouse_up(**place, offset=(left + 10, top + 10))
        assert state.canvas.pixels[10, 5, 0] == 0
        assert state.canvas.undo() and state.canvas.undo() and state.canvas.is_blank


async def test_the_arrow_keys_draw_while_the_pen_is_down():
    app = draw_app(FakeDrawings())
    async with app.run_test(size=SIZE) as pilot:
        state = await ready(pilot, screen_of(app))
        assert state.canvas is not None
        await pilot.press("left", "left", "up")
        assert state.canvas.is_blank and not shows(app, "Draw with the mouse")
        await pilot.press("space", "down", "down", "down")
        await reached(pilot, lambda: shows(app, "down"))
        await pilot.press("space", "right", "right", "right", "right")
        assert (state.canvas.pixels[13:17, 12, 0] > 200).all() and state.canvas.pixels[16, 16, 0] == 0
        await pilot.press("u")
        assert state.canvas.is_blank
        await pilot.press("U")
        assert not state.canvas.is_blank
        await pilot.press("c")
        assert state.canvas.is_blank
        await pilot.press("u", "plus", "plus", "e")
        await reached(pilot, lambda: shows(app, "eraser"))
        await pilot.press("i")
        assert state.canvas.pixels[0, 0, 0] == 255


async def test_the_sampler_runs_stops_and_gives_the_drawing_back():
    drawings = FakeDrawings()
    app = draw_app(drawings)
    async with app.run_test(size=SIZE) as pilot:
        state = await ready(pilot, screen_of(app))
        await pilot.press("space", "space", "3", "g")
        await reached(pilot, lambda: state.moved >= 6)
        await reached(pilot, lambda: shows(app, "chain after") and shows(app, "sampler steps"))
        assert drawings.requests[-1].label == 3 and shows(app, "p(x|y = 3)")
        await pilot.press("g")
        await reached(pilot, lambda: not state._waiting)
        before = state.moved
        await pilot.press("n")
        await reached(pilot, lambda: state.moved == before + 1)
        await pilot.press("r")
        await reached(pilot, lambda: state.moved == 0 and shows(app, "─ drawing"))
        assert state.canvas is not None and 0 < np.count_nonzero(state.canvas.pixels) < 20


async def test_an_image_of_the_command_line_and_one_of_the_dialog(tmp_path):
    image = tmp_path / "image.png"
    image.touch()
    app = draw_app(FakeDrawings(), image)
    async with app.run_test(size=SIZE) as pilot:
        state = await ready(pilot, screen_of(app))
        await reached(pilot, lambda: state.canvas is not None and (state.canvas.pixels == 77).all())
        await pilot.press("c", "o")
        await reached(pilot, lambda: isinstance(app.screen, OpenImageScreen))
        await pilot.press(*"/nowhere", "enter")
        await reached(pilot, lambda: app.screen is screen_of(app))
        await reached(
            pilot, lambda: any("Cannot read the image /nowhere" in toast.message for toast in app._notifications)
        )
        assert state.canvas is not None and state.canvas.is_blank
        await pilot.press("o", "escape", "u")
        assert (state.canvas.pixels == 77).all()


async def test_a_model_that_cannot_be_opened_is_a_sentence():
    drawings = FakeDrawings()
    drawings.failing = InputError("The checkpoint is damaged.", "Choose another run.")
    app = draw_app(drawings)
    async with app.run_test(size=SIZE) as pilot:
        await reached(pilot, lambda: shows(app, "The checkpoint is damaged. Choose another run."))
        await pilot.press("space", "left", "g", "n", "r", "u", "c", "o", "m", "5")
        await pilot.press("q")
        await reached(pilot, lambda: not app.is_running)


async def test_a_failed_score_is_displayed_and_the_next_one_replaces_it():
    drawings = FakeDrawings()
    app = draw_app(drawings)
    async with app.run_test(size=SIZE) as pilot:
        state = await ready(pilot, screen_of(app))
        drawings.failing = RuntimeError("out of memory")
        await pilot.press("space")
        await reached(pilot, lambda: shows(app, "could not be scored"))
        drawings.failing = None
        await pilot.press("left")
        await reached(pilot, lambda: not state.failure and not shows(app, "out of memory"))


async def test_help_explains_keys_and_display():
    app = draw_app(FakeDrawings())
    async with app.run_test(size=(120, 60)) as pilot:
        await ready(pilot, screen_of(app))
        frame = app.screen.query_one("#draw-frame")
        width = frame.region.width
        await pilot.press("question_mark")
        await reached(pilot, lambda: shows(app, "[keys here]") and shows(app, "Let the run's sampler move the"))
        await reached(
            pilot, lambda: app.screen.query_one("#draw-score").region.right <= app.screen.query_one(HelpPanel).region.x
        )
        assert 24 <= frame.region.width < width
        await pilot.press("right", "right")
        await reached(pilot, lambda: shows(app, "false alarms") and shows(app, "centre of mass"))
        await pilot.press("escape")
        await reached(pilot, lambda: not app.screen.query(HelpPanel) and frame.region.width == width)


SLOW = pytest.mark.slow
SHAPES = [(512, 512, 3), *(pytest.param(shape, marks=SLOW) for shape in ((28, 28, 1), (5, 300, 1), (1, 1, 1)))]


@pytest.mark.parametrize("shape", SHAPES)
async def test_images_of_any_shape_in_every_size(shape):
    drawings = FakeDrawings(shape, tuple(f"class {n}" for n in range(30)), paper=255)
    app = draw_app(drawings)
    async with app.run_test(size=SIZE) as pilot:
        state = await ready(pilot, screen_of(app))
        for size in ((60, 20), (1, 1), (200, 60), (57, 40)):
            await pilot.resize_terminal(*size)
            await pilot.press("space", "right", "down", "space")
            await pilot.pause()
        assert state.canvas is not None and state.canvas.shape == shape and not state.canvas.is_blank
        assert shows(app, "too small: 57×40")
        await pilot.resize_terminal(80, 24)
        await reached(pilot, lambda: shows(app, "80.0 %"))


async def test_every_theme_draws_the_screen(true_colour_terminal):
    app = draw_app(FakeDrawings())
    async with app.run_test(size=SIZE) as pilot:
        await ready(pilot, screen_of(app))
        await pilot.press("m", "space")
        await reached(pilot, lambda: shows(app, "80.0 %"))
        for _ in THEMES:
            await pilot.press("T")
            assert shows(app, "80.0 %")


def test_random_inputs_do_not_hurt(tmp_path):
    asyncio.run(play(0, 15, tmp_path))


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.exhaustive) for seed in (2, 3))])
def test_many_random_inputs_do_not_hurt(seed, tmp_path):
    asyncio.run(play(seed, 150, tmp_path))


async def play(seed: int, count: int, folder: Path) -> None:
    rng, app = random.Random(seed), draw_app(FakeDrawings(), run_dir=str(folder))
    pressed = [name for key in KEYS for name in key.keys.split(",") if key.id != "draw-back"]
    async with app.run_test(size=SIZE) as pilot:
        state = await ready(pilot, screen_of(app))
        for _ in range(count):
            kind, width, height = rng.random(), *app.size
            if kind < 0.7:
                await pilot.press(rng.choice([*pressed, *"0123456789"]))
            elif kind < 0.85:
                await pilot.mouse_down(offset=(rng.randrange(width), rng.randrange(height)))
                spot = (rng.randrange(width), rng.randrange(height))
                await pilot._post_mouse_events([MouseMove], offset=spot, button=rng.choice([0, 1]))
                await pilot.mouse_up(offset=spot)
            elif kind < 0.95:
                await pilot.resize_terminal(*rng.choice([(60, 20), (80, 24), (120, 35), (9, 4)]))
            else:
                await pilot.press("escape" if app.screen is not screen_of(app) else "g")
        assert app.failure is None and state.canvas is not None
        assert state.canvas.pixels.shape == (28, 28, 1)


def test_every_key_of_the_screen_has_an_action():
    app = draw_app(FakeDrawings(), Path("x"))
    for key in KEYS:
        name = str(key.action).partition("(")[0]
        owner = app if name.startswith("app.") else screen_of(app)
        assert callable(getattr(owner, f"action_{name.removeprefix('app.')}"))
