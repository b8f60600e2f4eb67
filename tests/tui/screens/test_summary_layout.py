"""The place of the samples in the summary."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.geometry import Size

from jem_tui.raster.tiles.zoom import fit_tiles
from jem_tui.tui.screens.summary_layout import GAP, MARGIN, MOST_ROWS, place_samples

DIGIT, TABLE = (28, 28), Size(48, 14)
SIDES = st.integers(0, 120)


@pytest.mark.parametrize(
    ("room", "at_right", "shown"),
    [((70, 16), True, 4), ((94, 26), False, 6), ((94, 49), False, 12), ((70, 20), False, 7)],
    ids=["80x24", "120x35", "200x60", "80x28"],
)
def test_digits_are_shown_where_they_are_largest(room, at_right, shown):
    place = place_samples(DIGIT, 64, TABLE, Size(*room))
    assert place is not None and place.at_right == at_right
    assert fit_tiles(DIGIT, 64, place.columns, place.rows).layout.shown == shown


def test_a_terminal_without_room_next_to_the_table_has_no_samples():
    assert place_samples(DIGIT, 64, TABLE, Size(51, 12)) is None


@given(st.tuples(st.integers(1, 64), st.integers(1, 64)), st.integers(1, 100), SIDES, SIDES, SIDES, SIDES)
def test_samples_never_hide_a_row_of_the_table(pixels, count, width, height, columns, rows):
    place = place_samples(pixels, count, Size(width, height), Size(columns, rows))
    if place is not None:
        layout = fit_tiles(pixels, count, place.columns, place.rows).layout
        assert layout.shown and place.rows <= (height if place.at_right else MOST_ROWS)
        assert place.columns + (width + GAP) * place.at_right <= columns
        assert place.at_right or height + MARGIN + place.rows <= rows
