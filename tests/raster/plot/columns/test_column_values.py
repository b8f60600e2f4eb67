"""Statistics of columns against numpy, computed at once and while a series grows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jem_tui.raster.plot.columns.column_history import ColumnHistory, measure_once
from jem_tui.raster.plot.columns.column_values import ColumnValues, percentile_pair
from jem_tui.raster.plot.scales.warp import LINEAR, WARPS, Floats, Warp

VALUES = st.one_of(st.floats(-1e6, 1e6), st.sampled_from([np.nan, np.inf, -np.inf, 0.0, -1.0, 8e307, -8e307]))


def quantiles(y: Floats) -> tuple[float, float]:
    finite = y[np.isfinite(y)]
    return tuple(np.quantile(finite, [0.1, 0.9]).tolist()) if len(finite) else (np.nan, np.nan)


@given(st.lists(st.lists(VALUES, min_size=1, max_size=40), min_size=1, max_size=12), st.integers(0, 300))
def test_percentiles_of_slices_are_those_of_numpy(slices, more):
    slices[0] = [*slices[0], *np.linspace(-1, 1, more).tolist()]
    counts = np.array([len(each) for each in slices], dtype=np.intp)
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.intp)
    found = np.transpose(percentile_pair(np.concatenate(slices).astype(np.float64), starts, counts))
    expected = [quantiles(np.array(each, dtype=np.float64)) for each in slices]
    assert found == pytest.approx(np.array(expected), rel=1e-9, abs=1e-6, nan_ok=True)


def test_percentiles_of_a_long_series_are_those_of_numpy_in_every_column():
    rng = np.random.default_rng(0)
    x, y = np.sort(rng.exponential(3000, 20_000)), rng.standard_t(2, 20_000)
    found = measure_once(x, y, y, (0.0, 20_000.0), 100, LINEAR, percentiles=True)
    column = np.minimum((x / 200).astype(int), 99)
    for index in np.unique(column[x <= 20_000]).tolist():
        inside = y[(column == index) & (x <= 20_000)]
        assert (found.tenth[index], found.ninetieth[index]) == pytest.approx(quantiles(inside))
        assert (found.low[index], found.high[index]) == (inside.min(), inside.max())
        assert found.mean[index] == pytest.approx(inside.mean())


def assert_equal(one: ColumnValues, other: ColumnValues) -> None:
    for mine, its in zip(one.arrays, other.arrays, strict=True):
        np.testing.assert_array_equal(mine, its)


@given(
    st.lists(VALUES, min_size=1, max_size=120),
    st.lists(st.integers(0, 60), min_size=1, max_size=8),
    st.tuples(st.floats(-5, 130), st.floats(-5, 130)).filter(lambda ends: ends[1] - ends[0] > 1),
    st.integers(1, 40),
    st.sampled_from(list(WARPS.values())),
    st.integers(1, 4),
)
def test_a_growing_series_has_the_statistics_of_all_its_points(values, lengths, limits, width, warp, together):
    y = np.array(values, dtype=np.float64)
    x = np.arange(len(y)) // together * 1.0
    history = ColumnHistory()
    for count in [*np.minimum(np.cumsum(lengths), len(y)).tolist(), len(y)]:
        part = x[:count], y[:count], np.nan_to_num(y[:count])
        found = history.measure(*part, limits, width, warp, percentiles=True)
        assert_equal(found, measure_once(*part, limits, width, warp, percentiles=True))


@pytest.mark.parametrize(
    ("limits", "width", "warp"), [((0.0, 50.0), 10, LINEAR), ((0.0, 99.0), 20, LINEAR), ((0.0, 99.0), 10, WARPS["log"])]
)
def test_other_limits_widths_and_scales_are_measured_again(limits: tuple[float, float], width: int, warp: Warp):
    x, y = np.arange(100.0), np.linspace(-1, 1, 100)
    history = ColumnHistory()
    history.measure(x, y, y, (0.0, 99.0), 10, LINEAR, percentiles=True)
    found = history.measure(x, y, y, limits, width, warp, percentiles=True)
    assert_equal(found, measure_once(x, y, y, limits, width, warp, percentiles=True))


def test_only_the_last_column_is_measured_again(monkeypatch):
    x, y = np.arange(10_000.0), np.sin(np.arange(10_000.0))
    history = ColumnHistory()
    history.measure(x[:9_000], y[:9_000], y[:9_000], (0.0, 10_000.0), 100, LINEAR, percentiles=True)
    lengths: list[int] = []
    monkeypatch.setattr(
        "jem_tui.raster.plot.columns.column_values.percentile_pair",
        lambda values, starts, counts: lengths.append(len(values)) or percentile_pair(values, starts, counts),
    )
    history.measure(x[:9_050], y[:9_050], y[:9_050], (0.0, 10_000.0), 100, LINEAR, percentiles=True)
    assert sum(lengths) <= 200
