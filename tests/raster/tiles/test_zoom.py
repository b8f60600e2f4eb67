"""Sizes of tiles, and the scaling of images."""

from __future__ import annotations

import numpy as np
import pytest

from jem_tui.raster.tiles.zoom import TileSize, fit_tiles, scale_tiles, tile_sizes

DIGIT = (28, 28)


def test_sizes_ascend_in_cells_and_keep_small_pictures_readable():
    assert tile_sizes(DIGIT)[:4] == [
        TileSize("quadrant", 16 / 28),
        TileSize("quadrant", 1),
        TileSize("half-block", 1),
        TileSize("half-block", 2),
    ]
    assert tile_sizes((8, 8), "braille")[0] == TileSize("braille", 1)
    areas = [fit_tiles(DIGIT, 1, 900, 900, zoom=-n).layout.tile_columns for n in range(len(tile_sizes(DIGIT)))]
    assert areas == sorted(areas, reverse=True) and len(set(areas)) == len(areas)


@pytest.mark.parametrize(
    ("count", "size", "zoom", "expected", "shown"),
    [
        (100, (98, 33), 0, TileSize("quadrant", 1), 24),
        (100, (98, 33), 1, TileSize("half-block", 1), 6),
        (100, (98, 33), 9, TileSize("half-block", 2), 1),
        (100, (98, 33), -9, TileSize("quadrant", 16 / 28), 66),
        (100, (57, 20), 0, TileSize("quadrant", 16 / 28), 24),
        (100, (44, 16), 0, TileSize("quadrant", 1), 6),
        (100, (27, 12), 0, TileSize("quadrant", 16 / 28), 6),
        (5, (57, 20), 0, TileSize("quadrant", 1), 5),
        (1, (98, 33), 0, TileSize("half-block", 2), 1),
        (5, (14, 5), 0, TileSize("quadrant", 16 / 28), 1),
        (5, (6, 3), 0, TileSize("quadrant", 16 / 28), 0),
    ],
)
def test_zooming_stops_where_nothing_fits(count, size, zoom, expected, shown):
    view = fit_tiles(DIGIT, count, *size, zoom=zoom)
    assert (view.size, view.layout.shown) == (expected, shown)


def test_a_picture_larger_than_the_screen_is_scaled_down():
    view = fit_tiles((242, 242), 1, 98, 33)
    assert view.size.scale < 1 and view.layout.shown == 1


def test_enlarging_repeats_pixels_and_shrinking_averages_them():
    tile = np.arange(16, dtype=np.uint8).reshape(1, 4, 4, 1)
    assert scale_tiles(tile, 1) is tile
    assert scale_tiles(tile, 2)[0, :4, :4, 0].tolist() == [[0, 0, 1, 1], [0, 0, 1, 1], [4, 4, 5, 5], [4, 4, 5, 5]]
    assert scale_tiles(tile, 0.5)[0, :, :, 0].tolist() == [[2, 4], [10, 12]]
    assert scale_tiles(np.full((2, 5, 7, 3), 9, np.uint8), 0.5).shape == (2, 2, 4, 3)
    assert scale_tiles(np.arange(3, dtype=np.uint8).reshape(1, 1, 3, 1) * 6, 2 / 3)[0, 0, :, 0].tolist() == [2, 10]
    assert (scale_tiles(np.full((2, 5, 7, 3), 9, np.uint8), 0.5) == 9).all()
