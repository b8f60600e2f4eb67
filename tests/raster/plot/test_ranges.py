from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from jem_tui.raster.plot.columns.curves import Floats
from jem_tui.raster.plot.ranges import StableRange, robust_limits, x_limits
from jem_tui.raster.plot.scales.scale import Limits, fit_scale
from tests.raster.anything import band_envelope, line_envelope


def limits_of(raw: Floats, smooth: Floats) -> Limits | None:
    x = np.arange(float(len(raw)))
    span = (0.0, float(len(raw)))
    return robust_limits([band_envelope(x, raw, span, 200)], [line_envelope(x, smooth, span, 200)])


def test_x_axis_starts_at_zero_unless_the_run_was_resumed():
    assert x_limits(64, 95_000) == (0, 100_000)
    assert x_limits(64, 64) == (0, 70)
    low, high = x_limits(500_000, 510_000)
    assert 499_000 <= low <= 500_000 and 510_000 <= high <= 513_000


def test_an_early_spike_does_not_flatten_the_curve():
    raw = np.sin(np.arange(1000.0) / 50)
    smooth = raw.copy()
    raw[3], smooth[3:20] = 1e6, 1e3
    low, high = limits_of(raw, smooth)
    assert -1.1 < low < -0.9 and 0.9 < high < 1.1


def test_a_spike_has_no_more_effect_on_a_narrow_chart():
    raw = np.sin(np.arange(100.0))
    raw[4:6] = -40.0
    x = np.arange(100.0)
    low, _ = robust_limits([band_envelope(x, raw, (0.0, 100.0), 40)], [])
    assert low > -2


def test_the_newest_smoothed_value_is_within_the_limits():
    raw = np.zeros(1000)
    smooth = np.zeros(1000)
    smooth[-1:] = 50.0
    x = np.arange(1000.0)
    _, high = robust_limits([band_envelope(x, raw, (0, 1000.0), 1000)], [line_envelope(x, smooth, (0, 1000.0), 1000)])
    assert high == 50.0


def test_without_finite_values_there_are_no_limits():
    assert limits_of(np.full(10, np.nan), np.full(10, np.inf)) is None


def test_the_scale_stays_while_the_data_fit():
    steady = StableRange()
    first = steady.fit(0.05, 0.93, 6)
    assert steady.fit(0.0, first.limits[1] + 0.005, 6) is first
    assert steady.fit(0.3, 0.9, 6) is first
    assert steady.fit(0.3, 1.6, 6) is not first


def test_the_scale_shrinks_to_much_smaller_data():
    steady = StableRange()
    steady.fit(0, 100, 7)
    low, high = steady.fit(2.1, 2.9, 7).limits
    assert 1.8 <= low <= 2.1 and 2.9 <= high <= 3.2


@pytest.mark.parametrize("rows", [4, 5, 7, 11, 25])
def test_noise_at_both_ends_rarely_moves_the_scale(rows):
    steady = StableRange()
    noise = np.random.default_rng(0).normal(0, 0.1, (400, 2))
    scales = [steady.fit(-1 + below, 1 + above, rows) for below, above in noise]
    assert sum(now is not before for before, now in pairwise(scales)) <= 5


@pytest.mark.parametrize("value", [0.0, 3.0, -1e-9, 1e9])
def test_a_constant_curve_has_a_range_and_a_steady_scale(value):
    steady = StableRange()
    low, high = steady.fit(value, value, 5).limits
    assert low < value < high
    assert steady.fit(value * 1.0001, value * 1.0001, 5).limits == (low, high)


def test_percent_scales_stay_within_their_bounds():
    steady = StableRange(bounds=(0.0, 1.0))
    assert steady.fit(-0.2, 0.4, 5).ticks == [(4, 0.0), (2, 0.5), (0, 1.0)]
    low, high = steady.fit(0.95, 0.99, 5).limits
    assert 1.0 <= high < 1.01 and 0.9 <= low <= 0.95


def test_reset_discards_the_scale():
    steady = StableRange()
    steady.fit(0, 10, 6)
    steady.reset()
    assert steady.fit(1, 6, 6) == fit_scale(1, 6, 6)


def test_another_height_has_another_scale():
    steady = StableRange()
    assert [steady.fit(0, 10, rows).rows for rows in (4, 9, 4)] == [4, 9, 4]
