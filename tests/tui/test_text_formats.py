"""Every formatter writes every number in the columns that it promises."""

from __future__ import annotations

import math

from hypothesis import assume, example, given
from hypothesis import strategies as st
from rich.cells import cell_len

from jem_tui.raster.plot.scales.ticks import nice_extent, nice_step, percent_labels, tick_labels, ticks
from jem_tui.raster.plot.scales.time_ticks import duration_label, time_labels, time_ticks
from jem_tui.raster.plot.scales.value_texts import VALUE_WIDTH, percent_text, short_label, value_text
from jem_tui.tui.state import text_formats
from jem_tui.tui.terminal.resource_usage import ResourceUsage, usage_text
from tests.raster.anything import NUMBERS, TEXTS, WHOLE

HUGE = st.one_of(WHOLE, st.just(10**100), st.just(-(10**100)))


@given(NUMBERS)
@example(1e18)
@example(1.7e18)
def test_a_time_of_day_is_eight_columns(time):
    assert len(text_formats.clock(time)) == 8


@given(HUGE, HUGE)
def test_a_count_of_a_total_is_as_wide_as_the_total_or_the_count(number, total):
    text = text_formats.of_total(number, total)
    assert len(text) >= len(text_formats.count(number)) and text.endswith(
        text_formats.count(total if total > 0 else number)
    )


@given(st.none() | NUMBERS)
def test_rates_and_durations_keep_their_columns(number):
    assert len(text_formats.rate(number)) >= 6 and len(text_formats.duration(number)) >= 8
    if number is None or not abs(number) >= 1e5:
        assert len(text_formats.rate(number)) <= 7
    assert (
        len(text_formats.rate(number)) < 24
        and len(text_formats.duration(number)) < 24
        and text_formats.times(number or 0.0)
    )


@given(TEXTS, st.integers(-2, 60))
def test_a_text_is_cut_to_its_columns_and_kept_where_it_fits(text, width):
    assume(text.isprintable())
    assert cell_len(text_formats.shorten(text, width)) <= max(0, width, cell_len(text) if width < 0 else 0)
    assert cell_len(text_formats.truncate(text, width)) <= max(0, width)
    if cell_len(text) <= width:
        assert text_formats.shorten(text, width) == text
    if width >= 0:
        assert cell_len(text_formats.fitted(text, width)) == width


@given(NUMBERS)
def test_a_value_has_room_in_its_columns_and_is_what_it_says(value):
    for text in (value_text(value), percent_text(value)):
        assert 0 < len(text) <= VALUE_WIDTH and text.isprintable()
    assert ("NaN" in value_text(value)) == math.isnan(value) and ("∞" in value_text(value)) == math.isinf(value)
    assert len(short_label(value)) <= VALUE_WIDTH + 1
    if math.isfinite(value) and abs(value) < 1e290:
        read = float(value_text(value).replace("−", "-"))
        assert math.isclose(read, value, rel_tol=0.5, abs_tol=5e-5) or abs(value) < 1e-300


@given(NUMBERS, NUMBERS, st.integers(-1, 40))
def test_ticks_of_any_axis_are_few_ascend_and_have_labels(one, other, count):
    for find, write in ((ticks, tick_labels), (ticks, percent_labels), (time_ticks, time_labels)):
        found = find(one, other, count)
        assert len(found) <= 5 * max(1, count) + 40 and found == sorted(found)
        assert all(math.isfinite(value) for value in found)
        labels = write(found)
        assert len(labels) == len(found) and all(label.isprintable() for label in labels)


@given(st.lists(NUMBERS, max_size=6))
def test_labels_of_any_values_are_written(values):
    assert len(tick_labels(values)) == len(percent_labels(values)) == len(time_labels(values)) == len(values)


@given(NUMBERS, st.none() | NUMBERS)
def test_a_duration_of_any_length_is_written(seconds, longest):
    text = duration_label(seconds, longest)
    assert text.isprintable() and len(text) < 24


@given(NUMBERS, st.integers(-1, 50))
def test_round_steps_are_positive(span, count):
    assert 0 < nice_step(span, count) < math.inf and 0 < nice_extent(span) < math.inf


@given(NUMBERS, WHOLE, st.none() | NUMBERS, st.none() | WHOLE)
def test_any_use_of_a_machine_is_described(cpu, memory, gpu, gpu_memory):
    assert usage_text(ResourceUsage(cpu, memory, gpu, gpu_memory)).startswith("CPU")
