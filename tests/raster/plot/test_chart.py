"""Whole charts: their parts at each size, their header and their legend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from jem_tui.raster.plot.canvas import Canvas, Ink
from jem_tui.raster.plot.chart import Chart
from jem_tui.raster.plot.columns.curves import Curve, Floats
from jem_tui.raster.plot.ranges import StableRange
from jem_tui.raster.plot.scales.warp import WARPS
from tests.raster.anything import draw_chart


def rows_of(plot: Canvas) -> list[str]:
    return ["".join(map(chr, row)).replace("⠀", " ") for row in plot.glyphs.tolist()]


def curve(values: Sequence[float] | Floats, label: str = "batch", every: int = 1, points: bool = False) -> Curve:
    x = 64.0 * np.arange(1, len(values) + 1)[::every]
    y = np.asarray(values, dtype=np.float64)[::every]
    return Curve(label=label, x=x, raw=y, smooth=y, points=points)


def chart_rows(curves: Sequence[Curve], columns: int, rows: int, percent: bool = False) -> list[str]:
    chart = Chart(title="JEM/xe", curves=curves, percent=percent, y_range=StableRange())
    return rows_of(draw_chart(chart, columns, rows))


def test_a_large_chart_has_all_parts():
    falling = np.linspace(2, 0, 100)
    rows = chart_rows([curve(falling), curve(falling + 0.3, "val", 20, points=True)], 60, 9)
    assert rows[0] == "JEM/xe  ━ batch  • val 0.6838        avg  0.0000 raw  0.0000"
    assert rows[-1] == "       0             2k             4k             6k images"
    assert [row[:7] for row in rows[1:-1]] == [
        "     3┤",
        "      │",
        "     2┤",
        "      │",
        "     1┤",
        "      │",
        "     0┤",
    ]
    assert sum(row.count("•") for row in rows[1:]) == 5


@pytest.mark.parametrize(
    ("columns", "rows", "header", "y_labels", "x_labels"),
    [
        (44, 6, "JEM/xe  • val 1.840  avg   1.840 raw   1.840", True, True),
        (24, 5, "JEM/xe   1.84 raw   1.84", False, False),
        (28, 5, "JEM/xe  • val 1.840    1.840", True, False),
        (10, 3, "JEM/xe    ", False, False),
        (4, 1, "JEM/", False, False),
    ],
)
def test_a_small_chart_omits_labels_and_legend(columns, rows, header, y_labels, x_labels):
    rising = np.linspace(1, 1.84, 50)
    drawing = chart_rows([curve(rising), curve(rising, "val", 49, points=True)], columns, rows)
    assert [len(row) for row in drawing] == [columns] * rows
    assert drawing[0] == header
    assert any("┤" in row for row in drawing) == y_labels
    assert (drawing[-1].strip()[:1] == "0") == x_labels


@pytest.mark.parametrize(
    ("columns", "header"),
    [
        (36, "JEM/xe       avg −0.4709 raw −0.4709"),
        (29, "JEM/xe  avg −0.471 raw −0.471"),
        (28, "JEM/xe avg −0.471 raw −0.471"),
        (24, "JEM/xe −0.471 raw −0.471"),
        (20, "JEM/xe   avg −0.4709"),
        (14, "JEM/xe −0.4709"),
    ],
)
def test_a_narrow_header_names_both_values_as_long_as_they_fit(columns, header):
    assert chart_rows([curve(np.linspace(1, -0.4709, 50))], columns, 6)[0] == header


@pytest.mark.parametrize(("rows", "header", "foot"), [(6, "", "symlog 0"), (5, "symlog", "")])
def test_the_name_of_the_scale_is_under_the_axis_or_in_the_header(rows, header, foot):
    warped = Chart(title="nrg", curves=[curve([1.0, 2.0])], y_range=StableRange(), warp=WARPS["symlog"])
    drawn = rows_of(draw_chart(warped, 44, rows))
    assert header in drawn[0] and ("symlog" in drawn[0]) == bool(header)
    assert drawn[-1].startswith(foot) and ("symlog" in drawn[-1]) == bool(foot)


def test_sparse_points_are_markers_without_a_line():
    rows = chart_rows([curve([0.2, 0.8, 0.5, 0.9], points=True)], 60, 9)
    drawn_glyphs = [glyph for row in rows[1:-1] for glyph in row[8:] if glyph != " "]
    assert drawn_glyphs == ["•"] * 4


def test_many_points_are_dots_without_a_line():
    y = np.random.default_rng(0).uniform(0, 1, 40)
    rows = chart_rows([curve(y, points=True)], 48, 9)
    lit = sum(bin(ord(glyph) - 0x2800).count("1") for row in rows[1:-1] for glyph in row[7:] if glyph != " ")
    assert lit == 40 and not any("•" in row for row in rows)


@pytest.mark.parametrize(
    ("columns", "header"),
    [
        (40, "JEM/xe  ━ samples  0.0000 ━ data   2.000"),
        (30, "JEM/xe     s  0.0000 d   2.000"),
        (24, "JEM/xe    0.0000   2.000"),
    ],
)
def test_two_lines_have_their_names_and_averages_in_one_order(columns, header):
    falling = np.linspace(2, 0, 100)
    assert chart_rows([curve(falling, "samples"), curve(falling[::-1], "data")], columns, 9)[0] == header


def test_values_of_the_header_keep_their_columns():
    before, after = (chart_rows([curve([value] * 5)], 40, 6)[0] for value in (0.1234, -0.5))
    assert before.index("0.1234") == after.index("0.5000")


def test_infinite_values_are_marked_at_the_edges():
    y = np.full(200, 0.5)
    y[60], y[120] = np.nan, -np.inf
    chart = Chart(title="t", curves=[curve(y)], y_range=StableRange())
    marked = draw_chart(chart, 40, 8).inks == Ink.ALERT
    assert marked.sum() == 2 and marked[1].sum() == 1 and marked[6].sum() == 1


@pytest.mark.parametrize("curves", [(), (curve([]),), (curve([]), curve([], "validation", points=True))])
def test_an_empty_chart_displays_a_message(curves):
    rows = chart_rows(curves, 40, 7)
    assert rows[0].startswith("JEM/xe") and rows[3] == "waiting for the first step".center(40)
    assert sum(bool(row.strip()) for row in rows) == 2


@pytest.mark.parametrize("size", [(0, 0), (0, 5), (1, 1), (1, 5), (7, 2), (40, 0), (28, 6)])
@pytest.mark.parametrize("y", [[], [1.0], [3.0, 3.0], [np.nan], [np.nan, np.inf], [1e300, -1e300], [0.0, 1.0]])
def test_charts_of_any_size_have_their_rows_and_columns(size, y):
    columns, rows = size
    assert [len(row) for row in chart_rows([curve(y)], columns, rows)] == [columns] * rows


def test_percent_charts_reach_one_hundred():
    chart = Chart(title="a", curves=[curve([0.1, 0.5])], percent=True, y_range=StableRange(bounds=(0.0, 1.0)))
    rows = rows_of(draw_chart(chart, 50, 10))
    assert rows[0].endswith(" avg  50.0 % raw  50.0 %") and [row[:7] for row in rows if "%┤" in row] == [
        "  100%┤",
        "   50%┤",
        "    0%┤",
    ]


def test_the_header_of_several_runs_has_the_value_of_each_or_none():
    pair = [replace(curve(np.full(50, value)), run=run) for run, value in enumerate((0.25, 0.5))]
    assert chart_rows(pair, 44, 6)[0].split() == ["JEM/xe", "0.2500", "0.5000"]
    many = [replace(each, run=run) for run, each in enumerate(pair * 3)]
    assert chart_rows(many, 44, 6)[0].split() == ["JEM/xe"]
