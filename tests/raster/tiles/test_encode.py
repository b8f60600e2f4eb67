from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from jem_tui.raster.cells.cells import Cells
from jem_tui.raster.tiles.encode import encode_tiles, tile_cells
from jem_tui.raster.tiles.grid import arrange_tiles, choose_encoding, compose


def gray(*rows: list[int]) -> NDArray[np.uint8]:
    """Return one tile from rows of brightness."""
    return np.array(rows, dtype=np.uint8)[None, :, :, None]


def glyph_rows(cells: Cells, index: int = 0) -> list[str]:
    return ["".join(map(chr, row)) for row in cells.glyphs[index].tolist()]


def painted(cells: Cells, quarters: str) -> NDArray[np.uint8]:
    """Convert a picture of quadrants to pixels, two per cell in each direction."""
    lit = np.array(
        [[[quarters.index(chr(code)) >> bit & 1 for bit in range(4)] for code in row] for row in cells.glyphs[0]]
    )
    colours = np.where(lit[..., None] == 1, cells.fg[0][:, :, None], cells.bg[0][:, :, None])
    rows, columns = lit.shape[:2]
    return colours.reshape(rows, columns, 2, 2, 3).swapaxes(1, 2).reshape(2 * rows, 2 * columns, 3)


QUARTERS = " ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█"


@pytest.mark.parametrize(
    ("encoding", "size"), [("half-block", (14, 28)), ("quadrant", (7, 14)), ("braille", (7, 14)), ("dithered", (7, 14))]
)
def test_each_encoding_has_its_size_of_a_digit(encoding, size):
    assert tile_cells(encoding, 28, 28) == size
    assert encode_tiles(np.zeros((3, 28, 28, 1), dtype=np.uint8), encoding).glyphs.shape == (3, *size)


@pytest.mark.parametrize("encoding", ["half-block", "quadrant", "braille", "dithered"])
@pytest.mark.parametrize("shape", [(2, 32, 32, 3), (1, 7, 5, 1), (2, 1, 1, 3), (0, 28, 28, 1)])
def test_every_shape_gives_whole_cells(encoding, shape):
    cells = encode_tiles(np.full(shape, 9, dtype=np.uint8), encoding)
    expected = (shape[0], *tile_cells(encoding, *shape[1:3]))
    assert cells.glyphs.shape == expected
    assert cells.fg.shape == cells.bg.shape == (*expected, 3)


def test_half_blocks_show_each_pixel_in_its_colour():
    tile = np.arange(24, dtype=np.uint8).reshape(1, 4, 2, 3)
    cells = encode_tiles(tile, "half-block")
    assert glyph_rows(cells) == ["▀▀", "▀▀"]
    assert cells.fg[0].tolist() == tile[0, 0::2].tolist() and cells.bg[0].tolist() == tile[0, 1::2].tolist()


def test_half_blocks_repeat_the_last_row_of_an_odd_tile():
    cells = encode_tiles(gray([1], [2], [3]), "half-block")
    assert cells.fg[0, :, 0, 0].tolist() == [1, 3] and cells.bg[0, :, 0, 0].tolist() == [2, 3]


@pytest.mark.parametrize("pattern", range(1, 15))
def test_quadrants_reproduce_two_tones(pattern):
    quarters = np.array([200 if pattern >> bit & 1 else 30 for bit in range(4)]).reshape(2, 2)
    cells = encode_tiles(gray(*np.repeat(quarters, 2, axis=0)), "quadrant")
    assert painted(cells, QUARTERS)[..., 0].tolist() == quarters.tolist()


def test_quadrants_divide_three_tones_at_the_widest_gap():
    cells = encode_tiles(gray([10, 20], [10, 20], [20, 200], [20, 200]), "quadrant")
    assert painted(cells, QUARTERS)[..., 1].tolist() == [[17, 17], [17, 200]]


def test_quadrants_distinguish_colours_of_equal_brightness():
    red, cyan = [255, 0, 0], [0, 109, 109]
    tile = np.array([[red, cyan]] * 4, dtype=np.uint8)[None]
    assert painted(encode_tiles(tile, "quadrant"), QUARTERS).tolist() == [[red, cyan]] * 2


def test_braille_lights_pixels_above_the_threshold_of_their_tile():
    dim_digit = [[10, 10, 10, 60], [10, 10, 60, 10], [10, 60, 10, 10], [60, 10, 10, 10]]
    assert glyph_rows(encode_tiles(gray(*dim_digit), "braille")) == ["⡠⠊"]
    assert glyph_rows(encode_tiles(gray(*[[77] * 4] * 4), "braille")) == ["⠀⠀"]


@pytest.mark.parametrize(("level", "lit"), [(0, 0), (1, 0), (64, 16), (128, 32), (200, 48), (255, 64)])
def test_dithering_lights_dots_in_proportion_to_brightness(level, lit):
    cells = encode_tiles(gray(*[[level] * 8] * 8), "dithered")
    assert sum(int(glyph - 0x2800).bit_count() for glyph in cells.glyphs.ravel().tolist()) == lit


def test_dots_do_not_depend_on_the_size_of_a_tile():
    ramp = np.tile(np.arange(0, 240, 40, dtype=np.uint8), (8, 1))[None, ..., None]
    whole, part = encode_tiles(ramp, "dithered"), encode_tiles(ramp[:, :, :4], "dithered")
    assert np.array_equal(whole.glyphs[..., :2], part.glyphs)


def test_braille_thresholds_each_tile_alone():
    tiles = np.stack([np.eye(4, dtype=np.uint8) * 20, np.eye(4, dtype=np.uint8) * 20 + 220])[..., None]
    cells = encode_tiles(tiles, "braille")
    assert glyph_rows(cells, 0) == glyph_rows(cells, 1) == ["⠑⢄"]


@pytest.mark.parametrize(("width", "height"), [(200, 48), (120, 40), (80, 24), (60, 20), (58, 33), (29, 14), (14, 7)])
@pytest.mark.parametrize("encoding", ["half-block", "quadrant"])
def test_tiles_and_captions_lie_within_the_area_and_do_not_overlap(encoding, width, height):
    layout = arrange_tiles(encoding, (28, 28), 100, width, height)
    rows, columns = layout.tile_rows, layout.tile_columns
    tiles = Cells(*(np.ones((layout.shown, rows, columns, *rest), dtype=kind) for rest, kind in KINDS))
    picture = compose(tiles, ["x"] * layout.shown, layout, (0, 0, 0), (0, 0, 0))
    assert picture.glyphs.shape == (height, width)
    assert (picture.glyphs == 1).sum() == layout.shown * rows * columns
    assert (picture.glyphs == ord("x")).sum() == (layout.shown if layout.captions else 0)


KINDS = [((), np.uint32), ((3,), np.uint8), ((3,), np.uint8)]


def test_as_many_small_tiles_fit_as_the_size_allows():
    assert arrange_tiles("quadrant", (28, 28), 1000, 200, 50).shown == 13 * 6
    assert arrange_tiles("quadrant", (28, 28), 1000, 80, 24).shown == 5 * 3
    assert arrange_tiles("quadrant", (28, 28), 2, 80, 24).across == 2
    assert arrange_tiles("half-block", (28, 28), 9, 27, 50).shown == 0


def test_every_tile_has_a_caption_where_a_row_with_captions_fits():
    for width in (14, 80):
        captioned = {h for h in range(7, 61) if arrange_tiles("quadrant", (28, 28), 100, width, h).captions}
        assert set(range(7, 61)) - captioned == {7}
    assert arrange_tiles("quadrant", (20, 20), 100, 80, 20).captions, "shortened, not left out"
    assert not arrange_tiles("quadrant", (4, 4), 100, 80, 24).captions, "too narrow"


@pytest.mark.parametrize(
    ("count", "size", "encoding"),
    [
        (25, (200, 48), "half-block"),
        (100, (200, 48), "quadrant"),
        (4, (58, 33), "half-block"),
        (9, (58, 33), "quadrant"),
    ],
)
def test_the_large_encoding_is_chosen_where_enough_tiles_fit(count, size, encoding):
    assert choose_encoding((28, 28), count, *size).encoding == encoding


def test_chains_lie_row_by_row():
    tiles = encode_tiles(np.repeat(np.arange(1, 5, dtype=np.uint8), 4).reshape(4, 2, 2, 1), "half-block")
    picture = compose(tiles, [], arrange_tiles("half-block", (2, 2), 4, 5, 3), (0, 0, 0), (99, 99, 99))
    assert picture.fg[..., 0].tolist() == [[1, 1, 0, 2, 2], [0] * 5, [3, 3, 0, 4, 4]]
    assert picture.bg[1].tolist() == [[99, 99, 99]] * 5
