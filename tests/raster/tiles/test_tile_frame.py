from __future__ import annotations

import numpy as np

from jem_tui.raster.cells.cells import Cells
from jem_tui.raster.tiles.grid import arrange_tiles, compose
from jem_tui.raster.tiles.tile_frame import frame_glyphs, frame_tile, tile_at

INK = (255, 0, 0)


def test_a_frame_is_drawn_around_one_tile_alone():
    layout = arrange_tiles("quadrant", (12, 12), 6, 20, 12)
    shape = (layout.shown, layout.tile_rows, layout.tile_columns)
    grey, white = np.full((*shape, 3), 100, np.uint8), np.full((*shape, 3), 200, np.uint8)
    tiles = Cells(np.full(shape, ord("▘"), np.uint32), white, grey)
    cells = compose(tiles, [], layout, (255, 255, 255), (0, 0, 0))
    frame_tile(cells, layout, 1, INK)
    framed = (cells.fg == INK).all(-1)
    top, left = layout.corners[1].tolist()
    assert framed.sum() == 2 * (layout.tile_rows + layout.tile_columns) - 4
    assert framed[top, left : left + layout.tile_columns].all()
    assert (cells.bg[framed] == 150).all(), "the inner halves of the frame keep the mean colour of the tile"
    assert not (cells.fg[top + 1, left + 1] == INK).all()


def test_the_glyphs_of_a_frame_close_it():
    rows = ["".join(chr(code) if code else " " for code in row) for row in frame_glyphs(3, 4)]
    assert rows == ["▛▀▀▜", "▌  ▐", "▙▄▄▟"]
    assert frame_glyphs(1, 1).shape == (1, 1)


def test_every_cell_of_a_tile_and_its_caption_finds_the_tile():
    layout = arrange_tiles("quadrant", (8, 8), 6, 20, 16)
    assert layout.captions
    for index, (top, left) in enumerate(layout.corners.tolist()):
        assert tile_at(layout, top, left) == index
        assert tile_at(layout, top + layout.tile_rows, left + layout.tile_columns - 1) == index
        assert tile_at(layout, top, left + layout.tile_columns) is None
    assert tile_at(arrange_tiles("quadrant", (8, 8), 0, 20, 16), 0, 0) is None
