from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jem_tui.raster.plot.canvas import to_rows
from jem_tui.raster.plot.chart import Chart
from jem_tui.raster.plot.columns.curves import Curve
from jem_tui.raster.plot.ranges import StableRange
from jem_tui.raster.plot.scales.scale import Scale, fit_scale
from tests.raster.anything import draw_chart

ROWS = st.integers(1, 60)
SIZES = st.integers(-9, 12).map(lambda power: 10.0**power)


def at_centre(scale: Scale, row: int) -> float:
    """Return the value between the second and the third dot of a row, by the limits with which curves are drawn."""
    low, high = scale.limits
    return high - (4 * row + 1.5) / (4 * scale.rows - 1) * (high - low)


@given(middle=st.floats(-100, 100), span=st.floats(0.3, 100), size=SIZES, rows=ROWS)
@example(middle=-4.5, span=15, size=1, rows=4)
@example(middle=0.5, span=1, size=1, rows=5)
def test_ticks_are_round_equally_spaced_and_centred_on_rows(middle, span, size, rows):
    low, high = size * (middle - span / 2), size * (middle + span / 2)
    scale = fit_scale(low, high, rows)
    places, values = zip(*scale.ticks, strict=True)
    assert len(places) >= min(2, rows) and all(0 <= row < rows for row in places)
    assert {lower - upper for lower, upper in pairwise(places)} <= {scale.pitch}
    tolerance = 1e-9 * max(abs(low), abs(high), scale.step)
    assert [at_centre(scale, row) for row in places] == pytest.approx(values, abs=tolerance)
    assert values == pytest.approx([scale.step * round(value / scale.step) for value in values])
    assert f"{scale.step:.3e}"[:5] in ("1.000", "2.000", "5.000")


@given(middle=st.floats(-100, 100), span=st.floats(0.3, 100), size=SIZES, rows=st.integers(3, 60))
def test_the_scale_contains_the_range_and_is_not_much_larger(middle, span, size, rows):
    low, high = size * (middle - span / 2), size * (middle + span / 2)
    scale = fit_scale(low, high, rows)
    assert scale.shows(low, high)
    bottom, top = scale.limits
    assert high - low > (0.25 if rows < 6 else 0.45) * (top - bottom)


@pytest.mark.parametrize("rows", range(3, 60))
def test_percent_charts_have_ticks_at_zero_fifty_and_one_hundred(rows):
    scale = fit_scale(0.0, 1.0, rows, (0.0, 1.0))
    ticks = {round(value, 9): row for row, value in scale.ticks}
    assert {0.0, 0.5, 1.0} <= set(ticks) and max(ticks) == 1.0
    assert ticks[0.0] == rows - 1 and ticks[1.0] <= max(1, 0.2 * rows)


@given(low=st.floats(0.0, 0.999), rows=st.integers(3, 30))
def test_percent_charts_of_high_values_keep_the_upper_bound(low, rows):
    scale = fit_scale(low, 1.0, rows, (0.0, 1.0))
    assert scale.shows(low, 1.0) and at_centre(scale, 0) > 1 - 1e-9 and at_centre(scale, rows - 1) > -1e-9


def test_values_are_drawn_at_their_ticks():
    scale = fit_scale(-12.0, 3.0, 6)
    rows = to_rows(np.array([value for _, value in scale.ticks]), scale.limits, 4 * scale.rows) // 4
    assert rows.tolist() == [row for row, _ in scale.ticks]


@pytest.mark.parametrize("rows", range(5, 14))
def test_labels_are_equally_spaced(rows):
    y = np.linspace(4.3, 0.2, 50)
    curve = Curve(label="batch", x=np.arange(1.0, 51.0), raw=y, smooth=y)
    chart = Chart(title="xe", curves=[curve], percent=False, y_range=StableRange())
    glyphs = draw_chart(chart, 50, rows).glyphs
    labelled = np.flatnonzero(glyphs[:, 6] == ord("┤"))
    assert len(labelled) >= 2 and len(set(np.diff(labelled))) == 1
