"""Many points at once come to the same as one after the other."""

from __future__ import annotations

import numpy as np
import pytest

from jem_tui.events.recording import Points
from jem_tui.tui.state.series import Series

WEIGHT = 0.95


def recorded(count: int) -> Points:
    rng = np.random.default_rng(count)
    values = rng.normal(size=count) * 10.0 ** rng.integers(-3, 4, count)
    values[rng.random(count) < 0.05] = np.nan
    times = np.cumsum(rng.normal(1.0, 1.0, count))
    return Points(np.arange(count), np.cumsum(rng.integers(-1, 5, count)), times, values)


def add_points(series: Series, points: Points) -> None:
    for step, images, time, value in zip(points.steps, points.images, points.times, points.values, strict=True):
        series.append(int(step), float(images), float(time), float(value))


@pytest.mark.parametrize("count", [0, 1, 5, 255, 256, 257, 5000])
@pytest.mark.parametrize("before", [0, 3, 400])
def test_points_in_bulk_are_points_one_by_one(count: int, before: int):
    points = recorded(before + count)
    one_by_one, in_bulk = Series(), Series()
    add_points(one_by_one, points)
    add_points(in_bulk, points[:before])
    assert len(in_bulk.smoothed(WEIGHT)) == len(in_bulk)
    in_bulk.extend(points[before:])
    for name in ("steps", "images", "times", "values"):
        assert np.array_equal(getattr(in_bulk, name), getattr(one_by_one, name), equal_nan=True)
    assert np.allclose(in_bulk.smoothed(WEIGHT), one_by_one.smoothed(WEIGHT), rtol=1e-9, atol=1e-9, equal_nan=True)
    in_bulk.append(10**6, 1e9, 1e9, 1.0)
    assert in_bulk.images[-1] == 1e9


def test_a_series_varies_from_its_first_different_value_until_that_is_removed():
    series = Series()
    for step, (value, expected) in enumerate([(5.0, False), (5.0, False), (6.0, True), (5.0, True)], 1):
        series.append(step, float(step), float(step), value)
        assert series.varies is expected
    series.truncate_after(2.0)
    assert not series.varies
