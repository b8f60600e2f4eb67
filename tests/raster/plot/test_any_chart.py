"""Charts of any numbers, names, limits and sizes: nothing raises, all rows have the given width, all visible points are drawn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from rich.style import Style

from jem_tui.raster.plot.axes import Frame
from jem_tui.raster.plot.canvas import Ink, scatter, to_columns, to_rows
from jem_tui.raster.plot.chart import Chart, draw_body
from jem_tui.raster.plot.columns.curves import Curve
from jem_tui.raster.plot.ranges import StableRange, nonempty_limits, x_limits
from jem_tui.raster.plot.scales.scale import fit_scale
from jem_tui.raster.plot.scales.warp import LINEAR, WARPS
from jem_tui.tui.repaint.cell_strips import styled_strip
from tests.raster.anything import (
    COLUMNS,
    FINITE,
    NUMBERS,
    ROWS,
    TEXTS,
    WINDOWS,
    band_envelope,
    check_rows,
    curves,
    draw_chart,
    line_envelope,
    row_texts,
    xs,
)

WARPED = st.sampled_from(list(WARPS.values()))
CHARTS = st.builds(
    Chart,
    title=TEXTS,
    curves=st.lists(curves(), max_size=3),
    y_range=st.builds(StableRange, st.sampled_from([None, (0.0, 1.0)])),
    percent=st.booleans(),
    gap=st.booleans(),
    warp=WARPED,
    unit=st.sampled_from(["images", "steps", "time"]),
    x_axis=WINDOWS,
)
STYLES = [Style()] * len(Ink)
DOTS = range(0x2801, 0x2900)


@given(CHARTS, COLUMNS, ROWS, st.none() | NUMBERS)
def test_any_chart_fills_its_rows_and_columns(chart, columns, rows, cursor):
    with np.errstate(all="raise", under="ignore"):
        plot = draw_chart(chart, columns, rows, cursor)
    check_rows(row_texts(plot.glyphs), columns, rows)
    for glyphs, inks in zip(plot.glyphs, plot.inks, strict=True):
        strip = styled_strip(glyphs, inks, STYLES)
        assert strip.cell_length == sum(segment.cell_length for segment in strip) == columns
    again = draw_chart(chart, columns, rows, cursor)
    assert np.array_equal(plot.glyphs, again.glyphs), "a repaint of nothing new moves nothing"


@given(st.integers(0, 2), st.integers(0, 2))
def test_a_chart_without_rows_or_columns_is_empty(columns, rows):
    chart = Chart(title="t", curves=(), y_range=StableRange())
    assert draw_chart(chart, columns, rows, 0.0).glyphs.shape == (rows, columns)


@given(
    xs(1),
    st.floats(-1e290, 1e290),
    st.booleans(),
    st.tuples(NUMBERS, NUMBERS),
    COLUMNS,
    st.integers(2, 20),
)
def test_each_finite_point_within_the_limits_has_a_dot_in_its_column(x, y, points, window, columns, rows):
    low, high = nonempty_limits(*window)
    values = np.full(len(x), y)
    curve = Curve(label="a", x=x, raw=values, smooth=values, points=points)
    chart = Chart(title="t", curves=[curve], y_range=StableRange(), x_axis=(low, high))
    plot = draw_chart(chart, columns, rows)
    frame = Frame.within(columns, rows)
    lit = np.isin(plot.inks[1 : frame.bottom, frame.left :], [Ink.LINE, Ink.BAND]).any(axis=0)
    places = to_columns(x, (low, high), frame.plot_columns)
    inside = places[(x >= low) & (x <= high)]
    # a point on the line between two columns may be drawn in either, by the last bit of its place
    near = [lit[max(0, place - 1) : place + 2].any() for place in inside]
    assert all(near)


@given(xs(), st.data(), st.tuples(NUMBERS, NUMBERS), COLUMNS, ROWS)
def test_points_outside_the_limits_are_not_drawn(x, data, window, columns, rows):
    y = np.array(data.draw(st.lists(NUMBERS, min_size=len(x), max_size=len(x))), np.float64)
    limits = nonempty_limits(*window)
    dots = scatter(x, y, limits, (0.0, 1.0), (columns, rows))
    shown = np.isfinite(y) & (x >= limits[0]) & (x <= limits[1])
    assert dots.shape == (4 * rows, 2 * columns) and dots.any() == shown.any()


@given(st.lists(NUMBERS, max_size=20), st.tuples(NUMBERS, NUMBERS), st.integers(1, 200))
def test_every_position_has_a_column_or_is_outside(places, window, width):
    x, (low, high) = np.array(places, np.float64), nonempty_limits(*window)
    columns = to_columns(x, (low, high), width)
    inside = (x >= low) & (x <= high)
    assert ((columns >= 0) & (columns < width)).tolist() == inside.tolist()
    assert (columns[x < low] == -1).all() and (columns[x > high] == width).all()


@given(st.lists(NUMBERS, max_size=20), FINITE, FINITE, st.integers(1, 200))
def test_every_value_has_a_row(values, one, other, height):
    rows = to_rows(np.array(values, np.float64), nonempty_limits(one, other), height)
    assert ((rows >= 0) & (rows < height)).all()


@given(NUMBERS, NUMBERS)
def test_limits_are_finite_and_different(one, other):
    low, high = nonempty_limits(one, other)
    assert np.isfinite([low, high]).all() and low < high and low + (high - low) / 1e3 < high
    first, last = min(one, other), max(one, other)
    assume(first == first and last == last)
    low, high = x_limits(first, last)
    assert np.isfinite([low, high]).all() and low < high


@given(st.lists(st.tuples(FINITE, FINITE), min_size=1, max_size=4), st.integers(1, 70), WARPED, st.booleans())
def test_any_y_axis_has_ticks_within_different_limits(ranges, rows, warp, bounded):
    steady = StableRange((0.0, 1.0) if bounded else None)
    for one, other in ranges:
        low, high = (float(np.clip(each, -1e290, 1e290)) for each in (min(one, other), max(one, other)))
        scale = steady.fit_warped(low, high, rows, warp)
        assert np.isfinite(scale.limits).all() and scale.limits[0] < scale.limits[1]
        assert all(0 <= row < rows and np.isfinite(value) for row, value in scale.ticks)


@given(st.floats(1e-290, 1e290), st.floats(-1e3, 1e3), st.integers(1, 200))
def test_every_range_that_is_not_empty_has_a_scale(span, middle, rows):
    low = middle * span
    assume(abs(low) < 1e290)
    assert fit_scale(low, low + span, rows).limits[0] < fit_scale(low, low + span, rows).limits[1]


HOLES = st.sampled_from([np.nan, np.inf, -np.inf])


@given(st.integers(2, 30), st.data(), st.integers(1, 80))
def test_lines_and_bands_break_only_at_values_that_are_not_finite(count, data, width):
    holes = data.draw(st.sets(st.integers(0, count - 1)))
    y = np.array([data.draw(HOLES) if at in holes else float(at) for at in range(count)])
    x, limits = np.arange(float(count)), (0.0, float(count))
    column = np.searchsorted(np.linspace(*limits, width + 1), x, side="right") - 1
    for envelope in (band_envelope(x, y, limits, width), line_envelope(x, y, limits, width)):
        known = np.isfinite(envelope.low)
        finite, broken = set(column[np.isfinite(y)]), set(column) - set(column[np.isfinite(y)])
        assert not known[sorted(broken)].any() and known[sorted(finite)].all()
        for left, right in zip(sorted(finite), sorted(finite)[1:], strict=False):
            between = known[left + 1 : right]
            assert between.all() if not any(left < each < right for each in broken) else not between.any()


@pytest.mark.parametrize("width", [30, 48, 120, 400])
def test_values_that_are_not_finite_have_signs_and_the_header_shows_nan(width):
    y = np.full(100, 0.5)
    y[40], y[60], y[80], y[99] = np.nan, np.inf, -np.inf, np.nan
    for points in (False, True):
        curve = Curve(label="a", x=np.arange(100.0), raw=y, smooth=np.where(np.isfinite(y), y, np.nan), points=points)
        plot = draw_chart(Chart(title="t", curves=[curve], y_range=StableRange()), width, 8)
        signs = {chr(glyph) for glyph in plot.glyphs[plot.inks == Ink.ALERT]}
        assert signs == {"×", "▲", "▼"} and "NaN" in row_texts(plot.glyphs)[0]


@given(st.lists(st.sampled_from([-1.0, 0.0, 0.5, 3.0, 100.0, np.nan]), min_size=1, max_size=40), COLUMNS)
def test_a_log_axis_breaks_at_hidden_points_and_counts_them(values, columns):
    y = np.array(values)
    curve = Curve(label="a", x=np.arange(float(len(y))), raw=y, smooth=y)
    window = (0.0, float(len(y)))
    chart = Chart(title="t", curves=[curve], y_range=StableRange(), warp=WARPS["log"], x_axis=window)
    drawing = draw_body(chart, columns, 9)
    hidden = int((y <= 0).sum())
    frame = drawing.frame
    foot = row_texts(drawing.canvas.glyphs)[frame.bottom - 1][frame.left :]
    assert foot.startswith(f"{hidden} ≤ 0"[: frame.plot_columns]) if hidden and columns > 6 else True
    assert ("≤" in foot) == bool(hidden) or columns <= 6
    place = to_columns(curve.x, window, frame.plot_columns)
    lit = np.isin(drawing.canvas.inks[1 : frame.bottom - 1, frame.left :], [Ink.LINE]).any(axis=0)
    shown = set(place[np.isfinite(y) & (y > 0)])
    gone = set(place[~(np.isfinite(y) & (y > 0))]) - {each + by for each in shown for by in (-1, 0, 1)}
    assert not lit[sorted(gone)].any()


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=80), COLUMNS, st.integers(2, 12))
def test_validation_points_are_drawn_above_lines(values, columns, rows):
    y = np.array(values)
    x = np.linspace(0.0, 100.0, len(y))
    batch = np.linspace(-1, 1, 300)
    curves = [
        Curve(label="batch", x=np.linspace(0.0, 100.0, 300), raw=batch, smooth=batch),
        Curve(label="validation", x=x, raw=y, smooth=y, points=True),
    ]
    chart = Chart(title="t", curves=curves, y_range=StableRange(), x_axis=(0.0, 100.0), warp=LINEAR)
    plot = draw_chart(chart, columns, rows)
    frame = Frame.within(columns, rows)
    seen = (plot.inks[1 : frame.bottom, frame.left :] == Ink.SECOND_LINE).any(axis=0)
    places = to_columns(x, (0.0, 100.0), frame.plot_columns)
    assert seen[places].all()
