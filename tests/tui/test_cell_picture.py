"""Pictures of the screen as PNG."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from hypothesis import given, settings
from numpy.typing import NDArray
from PIL import Image
from rich.segment import Segment
from rich.style import Style

from jem_tui.tui.cell_picture import HEIGHT, WIDTH, png_of_rows
from tests.examples import examples
from tests.raster.anything import TEXTS
from tests.tui.sources import FakeSource, jem_app, shows, until

INK, PAPER = (255, 255, 255), (0, 0, 0)


def drawn(*rows: list[Segment], columns: int = 4) -> NDArray[np.uint8]:
    """Return the pixels of a picture."""
    return np.asarray(Image.open(BytesIO(png_of_rows(rows, columns, INK, PAPER))))


def cell(pixels: NDArray[np.uint8], row: int, column: int) -> NDArray[np.uint8]:
    return pixels[row * HEIGHT : (row + 1) * HEIGHT, column * WIDTH : (column + 1) * WIDTH]


def test_a_picture_has_the_size_and_the_colours_of_the_screen():
    pixels = drawn([Segment("█ ", Style.parse("#010203 on #040506"))], [Segment("x")])
    assert pixels.shape == (2 * HEIGHT, 4 * WIDTH, 3)
    assert (cell(pixels, 0, 0) == (1, 2, 3)).all() and (cell(pixels, 0, 1) == (4, 5, 6)).all()
    assert (cell(pixels, 0, 2) == PAPER).all() and cell(pixels, 1, 0).max() == 255


def test_quarters_and_dots_are_where_they_belong():
    pixels = drawn([Segment("▗⠁⢀▂")])[..., 0]
    quarter, first, last, eighths = (cell(pixels, 0, column) for column in range(4))
    half = HEIGHT // 2, WIDTH // 2
    assert quarter[half[0] :, half[1] :].all() and not quarter[: half[0]].any() and not quarter[:, : half[1]].any()
    assert first[: HEIGHT // 4, : half[1]].any() and not first[HEIGHT // 4 :].any()
    assert last[-HEIGHT // 4 :, half[1] :].any() and not last[: -HEIGHT // 4].any()
    assert eighths[-HEIGHT // 4 :].all() and not eighths[: -HEIGHT // 4].any()


def test_wide_characters_take_two_cells():
    pixels = drawn([Segment("日"), Segment("█")])
    assert (cell(pixels, 0, 2) == INK).all()


@given(TEXTS)
@settings(max_examples=examples(30), deadline=None)
def test_any_text_can_be_drawn(text):
    drawn([Segment(text, Style(bold=True, reverse=True, dim=True, underline=True))])


async def test_a_key_saves_the_screen_as_png(tmp_path):
    app = jem_app(FakeSource())
    app._run_dir = str(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: shows(app, "TRAINING"))
        await pilot.press("P")
        await until(pilot, lambda: bool(list(tmp_path.glob("screen_step_*.png"))))
    picture = Image.open(next(tmp_path.glob("*.png")))
    assert picture.size == (80 * WIDTH, 24 * HEIGHT)
