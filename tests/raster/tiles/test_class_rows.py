"""Rows of tiles by class."""

from __future__ import annotations

import numpy as np
import pytest

from jem_tui.raster.tiles.class_rows import class_rows, spread_over_classes
from jem_tui.raster.tiles.grid import find_neighbour

DIGITS = [str(digit) for digit in range(10)]
PREDICTED = np.arange(100) % 10


@pytest.mark.parametrize("size", [(98, 33), (200, 60), (58, 30), (78, 24)])
@pytest.mark.parametrize("zoom", [-2, 0, 1, 9])
def test_every_class_has_a_row_with_its_own_chains_and_nothing_overlaps(size, zoom):
    rows = class_rows((28, 28), PREDICTED, DIGITS, *size, zoom=zoom)
    assert len(rows.labels) == 10 and rows.shown == 10 * min(10, rows.across) >= 20
    taken = np.zeros((size[1], size[0]), int)
    for top, left in rows.corners.tolist():
        taken[top : top + rows.tile_rows, left : left + rows.tile_columns] += 1
    assert taken.max() == 1 and taken.sum() == rows.shown * rows.tile_rows * rows.tile_columns
    for label in rows.labels:
        assert not taken[label.row, label.column : label.column + len(label.text)].any()
        level = (rows.corners[:, 0] <= label.row) & (label.row < rows.corners[:, 0] + rows.tile_rows)
        same_row = {int(PREDICTED[place]) for place, same in zip(rows.chosen, level, strict=True) if same}
        assert int(label.text) in same_row


def test_chains_keep_their_order_and_a_class_without_any_has_an_empty_row():
    predicted = np.array([2, 0, 2, 0, 2])
    rows = class_rows((28, 28), predicted, ["a", "b", "c"], 98, 33)
    assert rows.chosen == (1, 3, 0, 2, 4) and [label.text for label in rows.labels] == ["a", "b", "c"]


def test_long_names_are_cut():
    rows = class_rows((28, 28), PREDICTED, ["a name that is long", *DIGITS[1:]], 98, 33)
    assert rows.labels[0].text == "a name th…"


@pytest.mark.parametrize("size", [(12, 5), (58, 20), (78, 18)])
@pytest.mark.parametrize("zoom", [-2, 0, 9])
def test_an_area_for_one_tile_of_a_class_has_no_rows(size, zoom):
    assert class_rows((28, 28), PREDICTED, DIGITS, *size, zoom=zoom).across == 0


def test_arrows_select_the_next_tile_and_stop_at_the_edge():
    corners = np.array([[0, 4], [0, 12], [5, 4], [5, 12], [5, 20]])
    assert find_neighbour(corners, 0, 1, 0) == 1 and find_neighbour(corners, 1, 1, 0) == 1
    assert find_neighbour(corners, 4, 0, -1) == 1 and find_neighbour(corners, 1, 0, 1) == 3
    assert find_neighbour(corners, 0, -1, 0) == 0 and find_neighbour(corners, 3, 0, 1) == 3


def test_tiles_without_rows_are_spread_over_their_classes():
    predicted = np.array([2, 0, 0, 0, 2, 1, 0])
    assert spread_over_classes(predicted, 4) == (1, 2, 5, 0)
    assert spread_over_classes(predicted, 9) == (1, 2, 3, 6, 5, 0, 4)
    assert spread_over_classes(predicted[:0], 3) == ()
