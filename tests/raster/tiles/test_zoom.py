"""Sizes of tiles: the ladder, what is usual, and how pictures are scaled."""

from __future__ import annotations

import numpy as np
import pytest

from jem_tui.raster.tiles.zoom import Rung, ladder, look, scaled

DIGIT = (28, 28)


def test_the_ladder_ascends_in_cells_and_keeps_small_pictures_readable():
    assert ladder(DIGIT)[:4] == [
        Rung("quadrant", 0.5),
        Rung("quadrant", 1),
        Rung("half-block", 1),
        Rung("half-block", 2),
    ]
    assert ladder((8, 8), "braille")[0] == Rung("braille", 1)
    areas = [look(DIGIT, 1, 900, 900, zoom=-n).layout.tile_columns for n in range(len(ladder(DIGIT)))]
    assert areas == sorted(areas, reverse=True) and len(set(areas)) == len(areas)


@pytest.mark.parametrize(
    ("count", "size", "zoom", "rung", "shown"),
    [
        (100, (98, 33), 0, Rung("quadrant", 1), 24),
        (100, (98, 33), 1, Rung("half-block", 1), 6),
        (100, (98, 33), 9, Rung("half-block", 2), 1),
        (100, (98, 33), -9, Rung("quadrant", 0.5), 96),
        (1, (98, 33), 0, Rung("half-block", 2), 1),
        (5, (14, 5), 0, Rung("quadrant", 0.5), 1),
        (5, (6, 3), 0, Rung("quadrant", 0.5), 0),
    ],
)
def test_zooming_stops_where_nothing_fits(count, size, zoom, rung, shown):
    view = look(DIGIT, count, *size, zoom=zoom)
    assert (view.rung, view.layout.shown) == (rung, shown)


def test_a_picture_larger_than_the_screen_is_made_smaller():
    view = look((242, 242), 1, 98, 33)
    assert view.rung.scale < 1 and view.layout.shown == 1


def test_larger_repeats_pixels_and_smaller_takes_their_means():
    tile = np.arange(16, dtype=np.uint8).reshape(1, 4, 4, 1)
    assert scaled(tile, 1) is tile
    assert scaled(tile, 2)[0, :4, :4, 0].tolist() == [[0, 0, 1, 1], [0, 0, 1, 1], [4, 4, 5, 5], [4, 4, 5, 5]]
    assert scaled(tile, 0.5)[0, :, :, 0].tolist() == [[2, 4], [10, 12]]
    assert scaled(np.full((2, 5, 7, 3), 9, np.uint8), 0.5).shape == (2, 2, 4, 3)
    assert (scaled(np.full((2, 5, 7, 3), 9, np.uint8), 0.5) == 9).all()
