"""Invariants of any run state, and a drawing of every pane of any state."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import strategies as st
from textual.content import Content

from jem_tui.raster.plot.event_marks import marks_by_column, signs_of
from jem_tui.raster.plot.scales.axis import AXES
from jem_tui.raster.tiles.captions import captions
from jem_tui.raster.tiles.encode import encode_tiles
from jem_tui.raster.tiles.grid import compose
from jem_tui.raster.tiles.zoom import fit_tiles, scale_tiles
from jem_tui.tui.charts import charts_status
from jem_tui.tui.charts.chart_settings import SCALE_CHOICES, ChartSettings
from jem_tui.tui.charts.panel_charts import PanelCharts
from jem_tui.tui.charts.panels import panels_of
from jem_tui.tui.charts.viewport import ChartViewport, extent, marks_along, nearest_step
from jem_tui.tui.panes import distribution_rows, header, notes_pane, rank_table, status_line
from jem_tui.tui.repaint.cell_strips import CellRows as Cells
from jem_tui.tui.replay import timeline_bar
from jem_tui.tui.samples import chain_pane
from jem_tui.tui.samples.chain_order import ORDERS, ChainOrder, take_chains
from jem_tui.tui.samples.chain_selection import ChainSelection
from jem_tui.tui.state.pending import PendingCommands
from jem_tui.tui.state.replay_controls import ReplayControls
from jem_tui.tui.state.run_state import RunState
from tests.raster.anything import NUMBERS, check_rows, draw_chart, row_texts


def check_invariants(state: RunState) -> None:
    """Raise AssertionError unless numbers, arrays and texts of a state can be drawn."""
    run = state.run
    assert isinstance(state.status, str) and (state.seconds_left is None or not math.isnan(state.seconds_left))
    assert isinstance(state.waiting, bool) and isinstance(state.active, bool) and state.empty_panes is not None
    if run is None:
        return
    assert all(isinstance(number, int) for number in (run.step, run.images, run.epoch, run.epochs))
    assert 0.0 <= run.fraction <= 1.0 and 0.0 <= run.epoch_fraction <= 1.0
    for series in run.series.values():
        assert len(series.steps) == len(series.images) == len(series.times) == len(series.values)
        assert np.isfinite(series.times).all()
        for axis in AXES:
            places = series.positions_along(axis, run.began).astype(np.float64)
            assert np.isfinite(places).all() and (np.diff(places) >= 0).all()
    assert all(text.isprintable() for note in run.notes for text in (note.text, note.kind))


def draw_everything(state: RunState, width: int, height: int, data: st.DataObject) -> None:
    """Draw every pane, and check that its rows fit."""
    run = state.run
    if run is None:
        return
    rows = [header.badge(state, PendingCommands()), header.line(header.fields(state, run), width)]
    assert rows[0].cell_length == header.BADGE_WIDTH
    assert header.progress(run, "", width).cell_length == width
    texts = [status_line._facts(state, width)]
    assert all(Content(text).cell_length <= max(1, width) for text in texts)
    for note in run.notes[-3:]:
        noted = notes_pane._rows("1", note, width, 2)
        assert 1 <= len(noted) <= 2 and all(row.cell_length <= width for row in noted)
    draw_curves(state, width, height, data)
    draw_samples(state, width, height, data)
    draw_distributions(state, width, height)
    draw_ranks(state, width, height, data)
    replay_controls = ReplayControls(state, PendingCommands(), lambda command: None)
    for ahead in data.draw(st.lists(st.booleans(), max_size=3)):
        replay_controls.seek_mark(ahead)
    track = timeline_bar.Slider(3, max(1, width - 30), *replay_controls.span)
    slider = timeline_bar._draw_slider(track, track.column(replay_controls.step), replay_controls.marks)
    assert slider.cell_length == track.width and timeline_bar.speed_text(state)


def draw_curves(state: RunState, width: int, height: int, data: st.DataObject) -> None:
    """Draw the first panels."""
    run = state.run
    assert run is not None
    view = ChartSettings(axis=data.draw(st.sampled_from(AXES)), scale=data.draw(st.sampled_from(SCALE_CHOICES)))
    viewport, charts = ChartViewport(view), PanelCharts()
    for deed in data.draw(st.lists(st.integers(0, 4), max_size=4)):
        here = extent(run, viewport.settings.axis)
        match deed:
            case 0:
                viewport.window = viewport.window.zoomed(0.01, here, data.draw(st.none() | NUMBERS))
            case 1:
                viewport.window = viewport.window.panned(-3.0, here)
            case 2:
                viewport.switch_axis(run)
            case 3:
                viewport.move_cursor(-5, (here.whole[1] - here.whole[0]) / width, here)
            case 4:
                viewport.window = viewport.window.zoomed(100.0, here)
    axis = viewport.settings.axis
    limits = viewport.window.limits(extent(run, axis))
    assert np.isfinite(limits).all() and limits[0] < limits[1]
    marks = marks_along(run, axis, state.recorded_marks)
    kinds = marks_by_column(marks, limits, width)
    assert set(signs_of(kinds, width)) == set(kinds.values())
    for panel in panels_of(run)[:4]:
        chart = charts.chart_of(panel, run, (), viewport, width, limits)
        check_rows(row_texts(draw_chart(chart, width, height, viewport.cursor).glyphs), width, height)
    place = nearest_step(run, axis, viewport.cursor)
    facts = charts_status.StatusFacts(viewport.settings, viewport.window, charts_status.PanelRange(0, 1, 3), "", place)
    assert charts_status.status_text(facts, width).cell_length <= width


def draw_samples(state: RunState, width: int, height: int, data: st.DataObject) -> None:
    """Draw the samples in any order, and one chain."""
    run = state.run
    assert run is not None
    samples = run.samples
    if samples is None:
        return
    ordering, choice = ChainOrder(), ChainSelection()
    ordering.order = data.draw(st.sampled_from(ORDERS))
    choice.row = data.draw(st.integers(0, 9))
    choice.limit(len(samples.tiles))
    rows = ordering.rows(samples)
    assert sorted(rows.tolist()) == list(range(len(samples.tiles)))
    assert ordering.described(run.info.class_names).isprintable()
    shown = take_chains(samples, rows)
    size, placed = fit_tiles(shown.tiles.shape[1:3], len(shown.tiles), width, height)
    tiles = encode_tiles(scale_tiles(shown.tiles[list(placed.chosen)], size.scale), placed.encoding)
    below = captions(shown, run.info.class_names, placed.shown, placed.tile_columns)
    for strip in Cells(compose(tiles, below, placed, (0, 0, 0), (0, 0, 0))).strips():
        assert strip.cell_length == width
    if len(samples.tiles):
        energy = run.chain_history.energies(choice.row)
        facts = chain_pane.facts_of(samples, choice.row, run.info.class_names, energy, max(8, width))
        assert all(row.cell_length <= max(8, width) for row in facts)


def draw_ranks(state: RunState, width: int, height: int, data: st.DataObject) -> None:
    """Draw the table of ranks in any order from any rank on, and check that it fits."""
    run = state.run
    assert run is not None
    if run.ranks is None:
        return
    first, by_rank = data.draw(st.integers(0, 99)), data.draw(st.sampled_from([None, True, False]))
    table = rank_table.rank_table(run.ranks, width, height, first, by_rank)
    assert len(table.rows) <= height and all(row.cell_length <= width for row in table.rows)
    assert 0 <= table.first <= table.first + table.shown <= run.ranks.size


def draw_distributions(state: RunState, width: int, height: int) -> None:
    """Draw histograms and scores, and check their widths."""
    run = state.run
    assert run is not None
    rows: list[Content] = []
    if run.energies is not None:
        rows += distribution_rows.energy_rows(run.energies, width, height)
    if run.assessment is not None:
        rows += distribution_rows.score_rows(run.assessment, width, height)
    if run.histograms:
        rows += distribution_rows.histogram_rows(run, 0, width, height)
    assert all(row.cell_length <= width for row in rows)
