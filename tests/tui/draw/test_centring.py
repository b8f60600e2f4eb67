"""Centring of a drawing as in MNIST."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from jem_tui.tui.draw.centring import centre_of_mass, centred, off_centre
from jem_tui.tui.draw.drawing_canvas import DrawingCanvas, PenPoint

INSIDE = st.floats(1, 27)


def drawn(points: list[tuple[float, float]], shape: tuple[int, int, int] = (28, 28, 1), paper: int = 0) -> np.ndarray:
    canvas = DrawingCanvas(shape, paper)
    canvas.press(PenPoint(*points[0]), 1.2, (255 - paper,) * shape[2])
    for point in points[1:]:
        canvas.move(PenPoint(*point), 1.2, (255 - paper,) * shape[2])
    return canvas.pixels


@given(st.lists(st.tuples(INSIDE, INSIDE), min_size=2, max_size=6), st.sampled_from([0, 255]))
def test_strokes_are_twenty_pixels_long_and_centred(points, paper):
    found = centred(drawn(points, paper=paper), paper)
    ink = np.abs(found[..., 0].astype(int) - paper) > 0
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    assert found.shape == (28, 28, 1)
    assert max(rows[-1] - rows[0], columns[-1] - columns[0]) + 1 <= 20
    # a whole number of pixels moves each coordinate, unless an edge is in the way
    inside = rows[0] > 0 and rows[-1] < 27 and columns[0] > 0 and columns[-1] < 27
    assert not inside or off_centre(found, paper) < 0.75


def test_a_drawing_in_the_corner_is_far_off_the_centre_until_it_is_centred():
    corner = drawn([(3, 3), (3, 10), (8, 10)])
    assert off_centre(corner, 0) > 8
    assert off_centre(centred(corner, 0), 0) < 0.75


def test_an_empty_drawing_has_no_centre_and_stays():
    blank = np.zeros((28, 28, 1), np.uint8)
    assert centre_of_mass(blank, 0) is None
    assert off_centre(blank, 0) == 0
    assert centred(blank, 0) is blank


def test_a_colour_drawing_keeps_its_shape():
    assert centred(drawn([(2, 2), (9, 3)], (24, 40, 3)), 0).shape == (24, 40, 3)
