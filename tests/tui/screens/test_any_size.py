"""Arrangements for any room and any number of things."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from jem_tui.tui.charts.panel_grid import fit_grid
from jem_tui.tui.preferences.pane_layout import PANES, PaneLayout
from jem_tui.tui.samples.gallery import arrange_panes
from jem_tui.tui.state.comparison import PALETTE, run_colours
from tests.raster.anything import TEXTS

SIDE = st.integers(-2, 300)


@given(SIDE, SIDE, st.integers(0, 500), st.integers(-3, 600), st.integers(-3, 600))
def test_panels_have_a_grid_in_any_room_and_the_chosen_one_is_in_sight(width, height, count, top, chosen):
    grid = fit_grid(width, height, count)
    assert grid.columns >= 1 and grid.rows >= 1
    chosen = max(0, min(count - 1, chosen))
    first = grid.reach(max(0, top), chosen, count)
    assert first <= chosen < first + grid.room and first % grid.columns == 0


@given(st.integers(0, 100), SIDE, SIDE)
def test_runs_side_by_side_have_a_grid_in_any_room(runs, width, height):
    columns, rows = arrange_panes(runs, width, height)
    assert columns >= 1 and rows >= 1 and (columns - 1) * rows < max(1, runs)


@given(SIDE, SIDE, st.frozensets(st.sampled_from(PANES)), st.lists(st.sampled_from(PANES), max_size=6))
def test_a_screen_of_any_size_shows_a_pane(width, height, lacks, toggled):
    layout = PaneLayout()
    for name in toggled:
        layout = layout.toggled(name, width, height, lacks)
    assert layout.shown(width, height, lacks)


@given(st.lists(TEXTS, max_size=20, unique=True))
def test_a_run_of_any_name_has_a_colour(names):
    assert set(run_colours(names)) == set(names) and set(run_colours(names).values()) <= set(PALETTE)
