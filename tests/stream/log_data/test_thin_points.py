"""Thinned curves: bounded, ascending, and with the extremes of every metric."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from jem_tui.events.recording import Points
from jem_tui.stream.log_data.thin_points import rows_with_extremes, thin_points


def curve(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]], every: int = 1) -> Points:
    steps = np.arange(len(values)) * every
    return Points(steps, steps * 64, steps * 0.5, values)


@given(
    st.lists(arrays.arrays(np.float64, 300, elements=st.floats(width=32)), min_size=1, max_size=6),
    st.integers(min_value=30, max_value=400),
)
def test_rows_are_bounded_ascending_and_hold_the_extremes(
    columns: list[np.ndarray[tuple[int, ...], np.dtype[np.float64]]], most: int
):
    rows = rows_with_extremes(columns, most)
    assert len(rows) <= max(4, most) and rows[0] == 0 and rows[-1] == 299
    assert (np.diff(rows) > 0).all()
    for column in columns:
        finite = column[np.isfinite(column)]
        if len(finite):
            kept = column[rows]
            assert kept[np.isfinite(kept)].min() == finite.min() and kept[np.isfinite(kept)].max() == finite.max()


def test_metrics_of_the_same_steps_share_their_arrays():
    values = np.sin(np.arange(100_000) / 50)
    common = curve(values)
    points = {
        "loss": common,
        "accuracy": Points(common.steps, common.images, common.times, -values),
        "validation": curve(np.arange(10.0), every=10_000),
    }
    thinned = thin_points(points, 20_000)
    assert list(thinned) == list(points)
    assert 19_000 < len(thinned["loss"]) <= 20_000
    assert thinned["loss"].steps is thinned["accuracy"].steps
    assert len(thinned["validation"]) == 10


def test_a_single_outlier_survives():
    values = np.zeros(1_000_000)
    values[654_321] = 9.0
    thinned = thin_points({"loss": curve(values)}, 20_000)["loss"]
    assert thinned.values.max() == 9.0 and thinned.steps[thinned.values.argmax()] == 654_321


def test_a_curve_of_few_points_is_unchanged():
    points = {"loss": curve(np.arange(50.0))}
    assert np.array_equal(thin_points(points, 50)["loss"].values, np.arange(50.0))
