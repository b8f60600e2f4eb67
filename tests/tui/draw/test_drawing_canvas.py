"""The drawing: strokes, undo, bounds, and its place on a screen of any size."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jem_tui.tui.draw.canvas_view import CanvasView, cells_at, render, with_cursor
from jem_tui.tui.draw.drawing_canvas import MOST_UNDONE, DrawingCanvas, PenPoint, empty_canvas, line_coverage

WHITE = (255,)
SHAPES = st.sampled_from([(28, 28, 1), (32, 32, 3), (1, 1, 1), (20, 48, 3), (96, 64, 1)])
PLACES = st.floats(-50, 150, allow_nan=False)
POINTS = st.builds(PenPoint, PLACES, PLACES)
STROKES = st.tuples(st.lists(POINTS, min_size=1, max_size=4), st.floats(0.3, 6), st.sampled_from([0, 128, 255]))


def stroke(canvas: DrawingCanvas, points: list[PenPoint], radius: float, level: int) -> None:
    canvas.press(points[0], radius, (level,) * canvas.shape[2])
    for point in points[1:]:
        canvas.move(point, radius, (level,) * canvas.shape[2])
    canvas.release()


@given(SHAPES, st.lists(STROKES, max_size=6))
def test_undoing_everything_gives_every_drawing_back(shape, strokes):
    canvas = DrawingCanvas(shape)
    history = [canvas.pixels.copy()]
    for points, radius, level in strokes:
        stroke(canvas, points, radius, level)
        if not np.array_equal(canvas.pixels, history[-1]):
            history.append(canvas.pixels.copy())
    for expected in reversed(history[:-1]):
        assert canvas.undo()
        assert np.array_equal(canvas.pixels, expected)
    assert not canvas.undo()
    assert canvas.is_blank
    for expected in history[1:]:
        assert canvas.redo()
        assert np.array_equal(canvas.pixels, expected)
    assert not canvas.redo()


@given(SHAPES, STROKES)
def test_a_stroke_changes_only_pixels_near_its_lines(shape, drawn):
    points, radius, _ = drawn
    canvas = DrawingCanvas(shape)
    stroke(canvas, points, radius, 255)
    y, x = np.mgrid[: shape[0], : shape[1]] + 0.5
    pairs = zip(points, points[1:] or points, strict=False)
    far = np.ones(shape[:2], bool)
    for start, end in pairs:
        steps = np.linspace(0, 1, 400)[:, None, None]
        px, py = start.x + steps * (end.x - start.x), start.y + steps * (end.y - start.y)
        far &= np.hypot(x - px, y - py).min(axis=0) > radius + 1.2
    assert canvas.shape == shape
    assert (canvas.pixels[far] == 0).all()


@given(SHAPES, STROKES)
def test_retracing_a_line_in_one_stroke_changes_nothing(shape, drawn):
    points, radius, level = drawn
    once, twice = DrawingCanvas(shape, paper=40), DrawingCanvas(shape, paper=40)
    stroke(once, points, radius, level)
    stroke(twice, [*points, *reversed(points)], radius, level)
    assert np.abs(once.pixels.astype(int) - twice.pixels).max() <= 1


def test_a_line_is_solid_in_the_middle_and_soft_at_its_edge():
    covered = line_coverage((9, 9), PenPoint(0, 4.5), PenPoint(9, 4.5), 1.0)
    assert (covered[4] == 1).all()
    assert (covered[3] == 0.5).all()
    assert (covered[2] == 0).all()


def test_the_eraser_is_a_pen_in_the_colour_of_the_paper():
    canvas = DrawingCanvas((28, 28, 1), paper=10)
    stroke(canvas, [PenPoint(5, 5), PenPoint(20, 20)], 2, 255)
    assert not canvas.is_blank
    stroke(canvas, [PenPoint(5, 5), PenPoint(20, 20)], 4, 10)
    assert canvas.is_blank


def test_clear_invert_and_replace_are_one_change_each():
    canvas = DrawingCanvas((4, 4, 1))
    stroke(canvas, [PenPoint(2, 2)], 1, 255)
    drawn = canvas.pixels.copy()
    canvas.invert()
    assert np.array_equal(canvas.pixels, 255 - drawn)
    canvas.clear()
    canvas.clear()
    assert canvas.is_blank
    assert canvas.undo() and np.array_equal(canvas.pixels, 255 - drawn)
    assert canvas.undo() and np.array_equal(canvas.pixels, drawn)


def test_moving_without_a_stroke_draws_nothing():
    canvas = DrawingCanvas((4, 4, 1))
    canvas.move(PenPoint(2, 2), 1, WHITE)
    canvas.release()
    assert canvas.is_blank and not canvas.undo()


def test_the_number_of_undone_changes_is_bounded():
    canvas = DrawingCanvas((1, 1, 1))
    for level in range(3 * MOST_UNDONE):
        canvas.replace(np.full((1, 1, 1), level % 255 + 1, np.uint8))
    count = 0
    while canvas.undo():
        count += 1
    assert count == MOST_UNDONE


def test_the_drawing_cannot_be_changed_from_outside():
    canvas = DrawingCanvas((2, 2, 1))
    with np.testing.assert_raises(ValueError):
        canvas.pixels[0, 0] = 1


@given(
    st.tuples(st.integers(1, 128), st.integers(1, 128)),
    st.integers(1, 210),
    st.integers(1, 70),
    st.floats(-10, 300),
    st.floats(-10, 100),
)
def test_every_position_of_every_screen_is_a_point_of_the_drawing(pixels, columns, rows, x, y):
    view = CanvasView(pixels, columns, rows)
    point = view.point_at(x, y)
    assert 0 <= point.x <= pixels[1] and 0 <= point.y <= pixels[0]
    cells = render(np.zeros((*pixels, 1), np.uint8), view, (9, 9, 9))
    assert cells.glyphs.shape == (rows, columns)


@given(st.tuples(st.integers(1, 64), st.integers(1, 64)), st.integers(1, 210), st.integers(1, 70))
def test_the_drawing_is_as_large_as_fits(pixels, columns, rows):
    view = CanvasView(pixels, columns, rows)
    width, height = view.size
    larger = [scale for scale in (2, 3, 4, 6, 8, 12, 16) if scale > view.scale]
    assert all(w > columns or h > rows for w, h in (cells_at(pixels, scale) for scale in larger))
    if view.scale >= 1:
        assert width <= columns and height <= rows


@given(st.integers(0, 27), st.integers(0, 27), st.sampled_from([(56, 28), (28, 14), (112, 60), (200, 70)]))
def test_a_click_on_a_pixel_hits_that_pixel(column, row, area):
    view = CanvasView((28, 28), *area)
    left, top = view.corner
    x = left + (column + 0.5) * view.scale
    y = top + (row + 0.5) * view.scale / 2
    point = view.point_at(x + 1e-3, y)
    assert (int(point.x), int(point.y)) == (column, row)


def test_the_cursor_colours_one_pixel():
    marked = with_cursor(np.zeros((4, 4, 1), np.uint8), PenPoint(4, 1.5), (200, 100, 0))
    assert marked.shape == (4, 4, 3)
    assert np.argwhere(marked.any(axis=2)).tolist() == [[1, 3]]


def test_few_colours_show_shades():
    cells = render(np.full((4, 4, 1), 255, np.uint8), CanvasView((4, 4), 4, 2), (0, 0, 0), (255, 255, 255))
    assert {chr(glyph) for glyph in cells.glyphs.ravel()} == {"█"}


@pytest.mark.parametrize(("paper", "ink"), [(0, 255), (100, 255), (200, 0), (255, 0)])
def test_strokes_stay_on_paper_of_another_gray_level(paper, ink):
    canvas = DrawingCanvas((28, 28, 1))
    canvas.press(PenPoint(9, 9), 2, (255,))
    canvas.release()
    canvas.change_paper(paper)
    assert canvas.pixels[9, 9, 0] == ink and canvas.pixels[0, 0, 0] == paper and not canvas.is_blank
    assert canvas.undo() and canvas.is_blank and canvas.redo() and canvas.pixels[9, 9, 0] == ink


@pytest.mark.parametrize(
    "shape", [None, (28, 28), (28, 28, 2), (0, 28, 1), (-1, -1, 1), (10**6, 10**6, 3), ("a", 2, 1)]
)
def test_no_drawing_has_a_shape_that_no_image_has(shape):
    assert empty_canvas(shape) is None
    found = empty_canvas([32, 30, 3])
    assert found is not None and found.shape == (32, 30, 3)
