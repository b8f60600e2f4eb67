from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jem_tui.raster.plot.scales.ticks import (
    LABEL_WIDTH,
    distinct_labels,
    nice_extent,
    nice_step,
    percent_labels,
    tick_labels,
    ticks,
)
from jem_tui.raster.plot.scales.value_texts import (
    COMPACT_PERCENT_WIDTH,
    COMPACT_WIDTH,
    VALUE_WIDTH,
    compact_percent,
    compact_value,
    percent_text,
    value_text,
)


@pytest.mark.parametrize(
    ("span", "count", "step"), [(1, 5, 0.2), (10, 5, 2), (11, 5, 5), (0.003, 3, 0.001), (7e6, 4, 2e6), (51, 5, 20)]
)
def test_steps_are_one_two_or_five_times_a_power_of_ten(span, count, step):
    assert nice_step(span, count) == pytest.approx(step)


def test_ticks_are_inside_the_axis_and_include_round_limits():
    assert ticks(0, 1, 5) == pytest.approx([0, 0.2, 0.4, 0.6, 0.8, 1.0])
    assert ticks(-3.4, 2.9, 5) == pytest.approx([-2, 0, 2])
    assert ticks(1, 1, 3) == [] and ticks(0, math.nan, 3) == [] and ticks(0, math.inf, 3) == []


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        ([0, 20_000, 40_000], ["0", "20k", "40k"]),
        ([0, 400_000, 800_000, 1_200_000], ["0", "0.4M", "0.8M", "1.2M"]),
        ([-3, 0, 3], ["−3", "0", "3"]),
        ([0.5, 1.0, 1.5], ["0.5", "1.0", "1.5"]),
        ([1000, 1200], ["1.0k", "1.2k"]),
        ([1240, 1250], ["1240", "1250"]),
        ([12], ["12"]),
        ([0, 2e-5], ["0", "2e−5"]),
        ([0.0005, 0.001, 0.0015], ["5e−4", "1e−3", "1.5e−3"]),
        ([], []),
    ],
)
def test_labels_share_unit_and_decimals(values, labels):
    assert tick_labels(values) == labels


def test_labels_of_unequally_spaced_values_have_the_digits_that_distinguish_them():
    assert distinct_labels([-2.315, -2.32, -2.324]) == ["−2.315", "−2.32", "−2.324"]
    assert distinct_labels([0.0, 1.0, 12_345.0]) == ["0", "1", "12.3k"]
    assert distinct_labels([2.0, 2.0]) == ["2", "2"] and distinct_labels([]) == []


def test_labels_of_every_magnitude_fit_their_columns():
    for power in range(-12, 13):
        for span in (1, 3, 8):
            low, high = -span * 10.0**power, span * 10.0**power
            assert max(len(label) for label in tick_labels(ticks(low, high, 5))) <= LABEL_WIDTH


def test_percent_labels():
    assert percent_labels([0, 0.5, 1]) == ["0%", "50%", "100%"]


@pytest.mark.parametrize(
    "value", [0.0, 0.12345, -0.5, 9.9996, 12.5, -99999.0, -999_998.7, -1.26e9, -1.26e-9, -1e300, math.nan, -math.inf]
)
def test_values_fit_their_column(value):
    assert len(value_text(value)) <= VALUE_WIDTH
    assert len(percent_text(min(1.0, abs(value)))) <= VALUE_WIDTH


@given(st.floats(0.0, 1.0))
def test_only_the_exact_value_is_written_as_one_hundred_percent(share: float):
    shown = percent_text(share)
    assert (shown == "100.0 %") == (share == 1) and len(shown) <= VALUE_WIDTH


def test_values_of_one_magnitude_have_one_width():
    assert [value_text(value) for value in (0.5, 0.49996, -12.3, 1234.56)] == ["0.5000", "0.5000", "−12.30", "1234.6"]
    assert [value_text(value) for value in (math.nan, math.inf, -math.inf)] == ["NaN", "∞", "−∞"]


@pytest.mark.parametrize("value", [1, 64, 999, 1001, 123_456, 3.3e7])
def test_nice_extent_is_round_and_at_most_a_quarter_larger(value):
    assert value <= nice_extent(value) <= 1.25 * value


@given(st.floats(-9.9e14, 9.9e14).filter(lambda value: abs(value) >= 1e-9 or value == 0))
def test_compact_values_of_usual_magnitudes_fit_their_column_and_keep_digits(value):
    text = compact_value(value)
    assert len(text) <= COMPACT_WIDTH
    if 0.1 <= abs(value) < 9999:
        assert float(text.replace("−", "-")) == pytest.approx(value, rel=6e-3)


@given(st.floats(-9, 9))
def test_compact_percentages_of_usual_magnitudes_fit_their_column(value):
    assert len(compact_percent(value)) <= COMPACT_PERCENT_WIDTH


@pytest.mark.parametrize(
    ("value", "text", "percent"),
    [
        (0.0, "0.0000", "0.0%"),
        (0.0023, "0.0023", "0.2%"),
        (-0.0023, "−0.002", "−0.2%"),
        (-0.00041, "−4e−4", "−0.0%"),
        (-0.00099, "−0.001", "−0.1%"),
        (-0.47094, "−0.471", "−47%"),
        (0.99999, "1.00", "99.9%"),
        (1.0, "1.00", "100%"),
        (9.999, "10.0", "1000%"),
        (-12345.0, "−12.3k", "−1.23M%"),
        (2.5e-7, "2e−7", "0.0%"),
        (math.nan, "NaN", "NaN"),
        (-math.inf, "−∞", "−∞"),
    ],
)
def test_compact_texts(value, text, percent):
    assert compact_value(value) == text and compact_percent(value) == percent
