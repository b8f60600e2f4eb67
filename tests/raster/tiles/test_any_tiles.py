"""Tiles of any shape and type, with classes of any name and number: nothing raises, and everything lies within its area."""

from __future__ import annotations

import re

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from rich.cells import cell_len

from jem_tui.events.run import Samples
from jem_tui.raster.cells.ansi import encode_rows
from jem_tui.raster.cells.cells import Cells, write_text
from jem_tui.raster.plot.histogram import EIGHTHS, bars, meter, rebin
from jem_tui.raster.tiles.captions import KNOWN, captions
from jem_tui.raster.tiles.class_names import cell_names, class_name, known_classes, label_predictions
from jem_tui.raster.tiles.class_rows import class_rows
from jem_tui.raster.tiles.encode import PIXELS, encode_tiles, tile_cells
from jem_tui.raster.tiles.graphics_protocols import add_frame, iterm2, kitty, sixel
from jem_tui.raster.tiles.grid import arrange_tiles, choose_encoding, compose, find_neighbour
from jem_tui.raster.tiles.tile_frame import frame_tile
from jem_tui.raster.tiles.zoom import fit_tiles, scale_tiles
from jem_tui.tui.repaint.cell_strips import CellRows
from tests.raster.anything import COLUMNS, NUMBERS, ROWS, TEXTS, check_rows, row_texts

ENCODINGS = st.sampled_from(list(PIXELS))
SIDES = st.one_of(st.integers(1, 9), st.sampled_from([28, 32, 64]))
NAMES = st.lists(TEXTS, max_size=6)
CLASSES = st.one_of(st.integers(-2, 8), st.sampled_from([-(2**63), 2**63 - 1, 10**6]))
INK, PAPER = (255, 255, 255), (0, 0, 0)
COLOUR_CODES = re.compile(r"\x1b\[[0-9;]*m")


@st.composite
def pictures(draw: st.DrawFn, most: int = 6) -> np.ndarray:
    shape = (draw(st.integers(0, most)), draw(SIDES), draw(SIDES), draw(st.integers(0, 5)))
    dtype = draw(st.sampled_from([np.uint8, np.float32, np.float64, np.int64, np.bool_]))
    fill = draw(arrays.from_dtype(np.dtype(dtype)))
    tiles = np.full(shape, fill, dtype)
    if dtype == np.uint8 and tiles.size:
        tiles = np.random.default_rng(draw(st.integers(0, 99))).integers(0, 256, shape, dtype=np.uint8)
    return tiles


@st.composite
def chains(draw: st.DrawFn, most: int = 6) -> Samples:
    tiles = draw(pictures(most))
    n = len(tiles)
    column = lambda each, dtype: np.array(draw(st.lists(each, min_size=n, max_size=n)), dtype)  # noqa: E731
    with np.errstate(all="ignore"):
        return Samples(
            step=1,
            images=64,
            time=0.0,
            tiles=tiles,
            energy=column(NUMBERS, np.float32),
            age=column(st.integers(-(2**63), 2**63 - 1), np.int64),
            predicted=column(CLASSES, np.int64),
            confidence=column(NUMBERS, np.float32),
            reseeds=column(st.integers(-(2**63), 2**63 - 1), np.int64),
        )


@given(pictures(), ENCODINGS, st.sampled_from([1 / 8, 1 / 4, 1 / 2, 1, 2, 3]))
def test_tiles_of_any_shape_and_type_fill_whole_cells(tiles, encoding, scale):
    with np.errstate(invalid="raise", divide="raise"):
        cells = encode_tiles(scale_tiles(tiles, scale), encoding)
    count, height, width = scale_tiles(tiles, scale).shape[:3]
    assert cells.glyphs.shape == (count, *tile_cells(encoding, height, width))
    assert cells.fg.shape == cells.bg.shape == (*cells.glyphs.shape, 3)


@given(chains(), NAMES, COLUMNS, ROWS, st.none() | ENCODINGS, st.integers(-3, 3), st.booleans())
def test_any_grid_fills_its_rows_and_columns(samples, names, columns, rows, encoding, zoom, by_class):
    pixels = samples.tiles.shape[1:3]
    if by_class:
        place, labels = label_predictions(names, samples.predicted)
        placed = class_rows(pixels, place, labels, columns, rows, encoding=encoding, zoom=zoom)
        scale = placed.size.scale
    else:
        size, placed = fit_tiles(pixels, len(samples.tiles), columns, rows, encoding=encoding, zoom=zoom)
        scale = size.scale
    chosen = list(placed.chosen)
    tiles = encode_tiles(scale_tiles(samples.tiles[chosen], scale), placed.encoding)
    below = captions(samples, names, placed.shown, placed.tile_columns)
    cells = compose(tiles, below, placed, INK, PAPER)
    if placed.shown:
        frame_tile(cells, placed, 0, INK)
        for right, down in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            assert 0 <= find_neighbour(placed.corners, 0, right, down) < placed.shown
    check_rows(row_texts(cells.glyphs), columns, rows)
    for depth in ("truecolor", "256"):
        check_rows([COLOUR_CODES.sub("", row) for row in encode_rows(cells, depth)], columns, rows)
    for strip in CellRows(cells).strips():
        assert sum(segment.cell_length for segment in strip) == columns


@given(st.tuples(st.integers(0, 70), st.integers(0, 70)), st.integers(0, 200), st.integers(-1, 90), st.integers(-1, 40))
def test_any_layout_lies_within_its_area(pixels, count, width, height):
    for layout in (
        choose_encoding(pixels, count, width, height),
        arrange_tiles("half-block", pixels, count, width, height),
    ):
        corners = layout.corners
        assert len(corners) == layout.shown <= count
        if layout.shown:
            assert (corners >= 0).all()
            bottom = corners[:, 0].max() + layout.tile_rows + layout.captions
            assert bottom <= height and corners[:, 1].max() + layout.tile_columns <= width


@given(chains(), NAMES, st.integers(0, 60))
def test_captions_fit_and_are_shortened_before_they_are_dropped(samples, names, columns):
    written = captions(samples, names, len(samples.tiles), columns)
    assert len(written) == len(samples.tiles)
    for text, sure, energy in zip(written, samples.confidence.tolist(), samples.energy.tolist(), strict=True):
        assert cell_len(text) == len(text) <= columns and text.isprintable()
        if np.isfinite(sure) or sure == KNOWN:
            assert bool(text.strip()) == bool(columns)
        else:
            assert not text or (np.isfinite(energy) and text.startswith("E "))


@given(NAMES, st.lists(CLASSES, max_size=8))
def test_every_class_that_is_predicted_has_a_row_and_a_name(names, predicted):
    known = known_classes(names, np.array(predicted, np.int64))
    assert known == sorted(known) and set(predicted) <= set(known) and len(known) <= len(names) + len(predicted)
    written = cell_names(names)
    for number in known:
        name = class_name(written, number)
        assert name and cell_len(name) == len(name)
        assert name == str(number) if not 0 <= number < len(names) or written[number] == str(number) else True


@given(TEXTS, st.integers(0, 12), st.integers(0, 12))
def test_text_of_any_script_is_written_into_a_picture(text, columns, at):
    shape = (2, columns)
    colours = np.zeros((*shape, 3), np.uint8)
    cells = Cells(np.full(shape, ord(" "), np.uint32), colours, colours)
    write_text(cells, 1, at, text)
    check_rows([COLOUR_CODES.sub("", row) for row in encode_rows(cells, "truecolor")], columns, 2)


@given(pictures(1), st.integers(1, 20), st.integers(1, 20))
def test_any_picture_is_encoded_in_printable_sequences(tiles, columns, rows):
    for tile in tiles:
        drawn = [kitty(tile, 1, columns, rows), sixel(tile, 8 * columns, 16 * rows), iterm2(tile, columns, rows)]
        assert all(each.isascii() and each.startswith("\x1b") for each in drawn)
        assert add_frame(tile, INK).shape == (4 * tile.shape[0], 4 * tile.shape[1], 3)


@given(st.lists(NUMBERS, max_size=30), st.integers(-1, 60), st.integers(-1, 8))
def test_bars_of_any_heights_fill_their_rows(heights, columns, rows):
    with np.errstate(all="raise", under="ignore"):
        drawn = bars(heights, columns, rows)
    assert [len(row) for row in drawn] == [max(0, columns)] * max(0, rows)
    assert set("".join(drawn)) <= set(EIGHTHS)


@given(NUMBERS, st.integers(-1, 60))
def test_a_meter_of_any_share_has_the_given_width(share, columns):
    assert len(meter(share, columns)) == max(0, columns)


@given(st.lists(NUMBERS, max_size=12), st.lists(NUMBERS, max_size=12), st.integers(-1, 40))
def test_counts_of_any_edges_have_every_column(edges, counts, columns):
    with np.errstate(all="ignore"):
        found = rebin(np.array(edges, np.float64), np.array(counts, np.float64), columns)
    assert found.shape == (max(0, columns),)


@given(st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=12, unique=True), st.data(), st.integers(1, 40))
def test_rebinning_keeps_the_sum_of_counts(edges, data, columns):
    edges = np.array(sorted(edges))
    counts = np.array(data.draw(st.lists(st.integers(0, 100), min_size=len(edges) - 1, max_size=len(edges) - 1)), float)
    assert np.isclose(rebin(edges, counts, columns).sum(), counts.sum())
