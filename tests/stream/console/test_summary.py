"""A run on one page, as text."""

from __future__ import annotations

import math
import tempfile
import warnings
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from jem_tui.errors import InputError
from jem_tui.number_text import numeral, percent, short_percent
from jem_tui.stream.console.downsample import MAX_POINTS, CurveCollector, DownsampledCurve
from jem_tui.stream.console.final_values import MOST_VALUES
from jem_tui.stream.console.summary import MOST_PLOTS, once, print_summary
from tests.examples import examples
from tests.stream.stream_events import (
    METRICS,
    evaluated,
    rank_states,
    record,
    samples,
    small_run,
    started,
    step_done,
    stopped,
)
from tests.stream.text_console import Ascii, console, text


@pytest.fixture
def run_dir(tmp_path: Path) -> Path:
    return record(tmp_path / "run", small_run(10))


def test_a_summary_names_the_slowest_rank(tmp_path: Path):
    shown = console(80)
    once(record(tmp_path / "run", [started(), step_done(1), rank_states(1, 8), rank_states(1, 2), stopped(1)]), shown)
    lines = [line.split() for line in text(shown).splitlines()]
    assert ["ranks", "2"] in lines
    assert ["slowest", "rank", "1", "waits", "1%", "of", "the", "time"] in lines
    assert "histogram" not in text(shown)


@pytest.mark.parametrize("width", [40, 80, 160])
def test_a_summary_shows_curves_numbers_and_samples_within_the_width(run_dir: Path, width: int):
    shown = console(width)
    once(run_dir, shown)
    lines = text(shown).splitlines()
    for words in (*METRICS, "validation accuracy", "97.123456%", "JEM/x_hat at step 10: 5 of 5", "finished"):
        assert any(words in line for line in lines)
    assert max(map(len, lines)) <= width
    assert "\x1b" not in text(shown)


def test_plots_stand_side_by_side_where_there_is_room(run_dir: Path):
    wide, narrow = console(80), console(60)
    once(run_dir, wide)
    once(run_dir, narrow)
    assert any("JEM/total" in line and "JEM/nrg" in line for line in text(wide).splitlines())
    assert not any("JEM/total" in line and "JEM/nrg" in line for line in text(narrow).splitlines())


def test_a_falling_curve_falls_and_its_axes_are_labelled():
    collector = CurveCollector()
    collector(started())
    for step in range(1, 101):
        collector(step_done(step, metrics={"JEM/total": 1 - step / 100}))
    shown = console(60)
    print_summary(shown, collector)
    lines = text(shown).splitlines()
    dots = np.array([["\u2800" < cell <= "\u28ff" for cell in line.ljust(60)] for line in lines[2:10]])
    columns = [np.flatnonzero(row).mean() for row in dots if row.any()]
    assert len(columns) == 8
    assert columns == sorted(columns)
    assert columns[0] < 12 and columns[-1] > 48
    assert any("6.4k" in line for line in lines)


def test_two_summaries_do_not_draw_into_each_other(run_dir: Path):
    first, second = console(), console()
    once(run_dir, first)
    once(run_dir, second)
    assert text(first) == text(second)


def test_a_run_without_steps_and_one_that_is_not_finite_can_be_shown():
    for steps in ([], [step_done(1, value=math.nan), step_done(2, value=math.inf)]):
        collector, shown = CurveCollector(), console()
        for event in [started(), *steps, stopped(len(steps), reason="diverged")]:
            collector(event)
        print_summary(shown, collector)
        assert "steps" in text(shown)


def test_a_console_without_unicode_gets_ascii(run_dir: Path):
    shown = console(file=Ascii())
    once(run_dir, shown)
    assert text(shown).isascii()
    assert "JEM/total" in text(shown)


def test_a_folder_without_a_recording_is_refused(tmp_path: Path):
    with pytest.raises(InputError):
        once(tmp_path, console())


def test_a_curve_of_any_length_has_a_bounded_number_of_points():
    for steps in (1, 7, MAX_POINTS, MAX_POINTS + 1, 477, 478, 479, 955, 100_000):
        curve = DownsampledCurve()
        for step in range(steps):
            curve.add(step, step)
        points = curve.points()
        assert min(steps, MAX_POINTS // 2) <= len(points) <= MAX_POINTS
        assert all(earlier.images < later.images for earlier, later in pairwise(points))
        assert all(point.images == pytest.approx(point.value) for point in points)
        assert len(curve._points) < 2 * MAX_POINTS


def test_the_collector_keeps_the_newest_and_forgets_at_a_new_start():
    collector = CurveCollector()
    for event in [*small_run(10), evaluated(11, accuracy=0.5), samples(11, requested=True)]:
        collector(event)
    assert collector.samples is not None and collector.samples.step == 10
    assert collector.evaluations["validation"].scores["accuracy"] == 0.5
    assert collector.seconds == pytest.approx(11.0)
    collector(started(10))
    assert collector.curves
    collector(started(0))
    assert not collector.curves and collector.samples is None


NUMBERS = st.floats() | st.sampled_from([math.nan, math.inf, -math.inf, 1e300, -1e300, 5e-324, 0.0, -0.0])
PLACES = st.integers(-(2**40), 2**40)


@settings(max_examples=examples(15), deadline=None)
@given(
    st.dictionaries(st.text(max_size=80), st.lists(st.tuples(PLACES, NUMBERS), max_size=8), max_size=5),
    st.integers(1, 200),
    st.booleans(),
)
def test_any_curves_can_be_printed_at_any_width(curves: dict[str, list[tuple[int, float]]], width: int, ascii: bool):
    collector = CurveCollector()
    for tag, points in curves.items():
        ordered = sorted(points, key=lambda point: point[0])
        images, values = np.array([p[0] for p in ordered], np.int64), np.array([p[1] for p in ordered], np.float64)
        collector.curves[tag] = DownsampledCurve.of(images, values)
    shown = console(width, file=Ascii()) if ascii else console(width)
    print_summary(shown, collector)
    assert max(map(cell_len, text(shown).split("\n"))) <= width


@given(st.floats())
def test_a_number_is_printed_with_all_its_digits(value: float):
    assert equal_numbers(float(numeral(value)), value)


@given(st.floats(0.0, 1.0))
def test_a_share_is_printed_with_all_its_digits(share: float):
    shown = percent(share)
    if shown.endswith("%"):
        assert np.isclose(float(shown.removesuffix("%")) / 100, share, rtol=1e-7, atol=0.0)
    else:
        assert equal_numbers(float(shown), share)


@given(st.floats(0.0, 1.0))
def test_two_decimals_never_show_a_false_0_or_100_percent(share: float):
    shown = float(short_percent(share).removesuffix("%"))
    assert (shown == 100) == (share == 1) and (shown == 0) == (share == 0)


def equal_numbers(found: float, value: float) -> bool:
    with np.errstate(over="ignore"):
        single = np.float32(found) == np.float32(value) and float(np.float32(value)) == value
    return bool(found == value or single or (math.isnan(found) and math.isnan(value)))


def test_a_curve_built_at_once_equals_one_built_step_by_step():
    values = np.array([0.5, math.nan, 2.0, math.inf, -1.0])
    images = np.arange(5) * 10
    at_once, by_steps = DownsampledCurve.of(images, values), DownsampledCurve()
    for place, value in zip(images.tolist(), values.tolist(), strict=True):
        by_steps.add(place, value)
    for name in ("count", "not_finite", "low", "high", "last", "last_finite", "span"):
        assert getattr(at_once, name) == getattr(by_steps, name)
    assert at_once.points() == by_steps.points()


def test_after_a_rollback_the_final_value_is_the_last_valid_one():
    curve = DownsampledCurve()
    for step in range(1, 11):
        curve.add(step, float(step))
    curve.add(11, math.nan)
    curve.truncate_after(4)
    assert (curve.last, curve.count, curve.not_finite, curve.span) == (4.0, 4, 0, (1, 4))
    curve.truncate_after(0)
    assert curve.last is None


def test_the_last_value_is_printed_and_not_a_mean(tmp_path: Path):
    emitted = [started(), *(step_done(s, 0.25) for s in range(1, 1000)), step_done(1000, 0.75), stopped(1000)]
    shown = console(80)
    once(record(tmp_path / "run", emitted), shown)
    (row,) = [line for line in text(shown).splitlines() if line.startswith("JEM/total ") and "│" not in line]
    assert row.split() == ["JEM/total", "0.75"]


def test_curves_without_room_are_counted():
    collector, shown = CurveCollector(), console(80)
    for number in range(MOST_VALUES + 5):
        collector.curves[f"m{number:03}"] = DownsampledCurve.of(np.arange(2), np.ones(2))
    print_summary(shown, collector)
    assert f"{MOST_VALUES + 5 - MOST_PLOTS} more curves are not plotted" in text(shown)
    assert "5 more final values are not listed" in text(shown)


@pytest.mark.parametrize("tag", ["x" * 60, "train/" + "長" * 60 + "/loss", "a/" * 5000 + "b"])
def test_a_long_tag_is_shortened_and_never_dropped(tag: str):
    collector, shown = CurveCollector(), console(80)
    collector.curves[tag] = DownsampledCurve.of(np.arange(2), np.ones(2))
    collector.curves["other"] = DownsampledCurve.of(np.arange(2), np.ones(2))
    print_summary(shown, collector)
    first, *_ = text(shown).splitlines()
    assert tag[:5] in first and tag[-5:] in first and "…" in first
    (row,) = [line for line in text(shown).splitlines() if line.startswith(tag[:5]) and "other" not in line]
    assert row.split()[-1] == "1" and cell_len(row) <= 80


ODD_TIMES = st.sampled_from([0.0, -1.0, 1.7e18, 1e300, -1e300, 1.7e308, -1.7e308])


@settings(max_examples=20, deadline=None)
@given(st.lists(ODD_TIMES, min_size=1, max_size=6))
def test_wrong_clocks_raise_no_warning(times: list[float]):
    emitted = [started(), *(step_done(step, time=time) for step, time in enumerate(times, 1)), stopped(len(times))]
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("error")
        shown = console(80)
        once(record(Path(folder) / "run", emitted), shown)
    assert any(line.split() == ["steps", str(len(times))] for line in text(shown).splitlines())
