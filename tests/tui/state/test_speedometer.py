"""The speed of steps that arrive one by one, or many at once as from a device."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jem_tui.events.recording import Points
from jem_tui.stream.console.running_means import RunningMeans
from jem_tui.tui.state.speedometer import Speedometer
from tests.tui.sources import BATCH, step_done

TIMES = st.lists(st.one_of(st.floats(), st.floats(0, 3), st.sampled_from([0.0, 0.001, 1.0, math.nan])), max_size=30)


def burst_times(per_second: float, burst: int, count: int = 600) -> list[float]:
    """Return the times of steps that are read `burst` at a time, 10 µs apart."""
    return [1000.0 + step // burst * burst / per_second + step % burst * 1e-5 for step in range(count)]


def points_at(times: list[float]) -> Points:
    steps = np.arange(1, len(times) + 1)
    return Points(steps, steps * BATCH, np.array(times, np.float64), np.zeros(len(times)))


def rates_of(times: list[float]) -> list[float]:
    meter = Speedometer()
    found = (meter.advance(step, step * BATCH, time) for step, time in enumerate(times, 1))
    return [rate for rate in found if rate is not None]


@pytest.mark.parametrize(("per_second", "burst"), [(12, 1), (600, 1), (600, 20), (600, 200), (1000, 33), (30, 10)])
def test_bursts_have_the_speed_of_the_run(per_second: float, burst: int):
    times = burst_times(per_second, burst)
    for rates in (rates_of(times), Speedometer().rates(points_at(times), ()).values):
        assert len(rates) >= 600 / burst / 13 - 1
        assert min(rates) == pytest.approx(per_second * BATCH, rel=0.01) == max(rates)
    printed = RunningMeans()
    for step, time in enumerate(times, 1):
        printed(step_done(step, time))
    assert printed.images_per_second() == pytest.approx(per_second * BATCH, rel=0.01)


@given(TIMES, st.integers(1, 29))
def test_steps_at_once_and_one_by_one_give_equal_rates(times: list[float], part: int):
    points, meter = points_at(times), Speedometer()
    parts = [meter.rates(points[:part], ()), meter.rates(points[part:], ())]
    assert np.concatenate([each.values for each in parts]).tolist() == rates_of(times)


def test_a_step_after_a_pause_has_no_rate():
    times = [*burst_times(600, 20, 40), *(1100 + time for time in burst_times(600, 20, 40))]
    rates = Speedometer().rates(points_at(times), [40 * BATCH])
    assert rates.values == pytest.approx([600 * BATCH] * 2, rel=0.01)
