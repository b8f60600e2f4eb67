"""Many points at once come to the same as one after the other."""

from __future__ import annotations

import numpy as np
import pytest

from jem_tui.stream.history import Points
from jem_tui.tui.series import BLOCK, SETTLED, Series


def points(images: np.ndarray, values: np.ndarray) -> Points:
    return Points(np.arange(len(images)), images, images.astype(float), values)


@pytest.mark.parametrize("count", [0, 1, 5, 255, 256, 257, SETTLED, SETTLED + 1, SETTLED + BLOCK + 1, 5000])
@pytest.mark.parametrize("before", [0, 3, SETTLED + 7])
def test_points_in_bulk_are_points_one_by_one(count: int, before: int):
    rng = np.random.default_rng(count)
    values = rng.normal(size=before + count) * 10.0 ** rng.integers(-3, 4, before + count)
    images = np.cumsum(rng.integers(-1, 5, before + count))
    values[rng.random(before + count) < 0.05] = np.nan
    one_by_one, in_bulk = Series(), Series()
    for x, value in zip(images, values, strict=True):
        one_by_one.append(float(x), float(value))
    for x, value in zip(images[:before], values[:before], strict=True):
        in_bulk.append(float(x), float(value))
    in_bulk.extend(points(images[before:], values[before:]))
    assert np.array_equal(in_bulk.x, one_by_one.x)
    assert np.array_equal(in_bulk.raw, one_by_one.raw)
    assert np.allclose(in_bulk.smooth, one_by_one.smooth, rtol=1e-9, atol=1e-9)
    in_bulk.append(1e9, 1.0)
    assert in_bulk.x[-1] == 1e9


def test_a_spike_fades_as_it_does_one_by_one():
    values = np.ones(4 * BLOCK)
    values[BLOCK] = 1e12
    one_by_one, in_bulk = Series(), Series()
    for x, value in enumerate(values):
        one_by_one.append(x, value)
    in_bulk.extend(points(np.arange(len(values)), values))
    assert np.allclose(in_bulk.smooth, one_by_one.smooth, rtol=1e-6)
