"""The reducer as pure state: no Textual, no thread, no clock."""

from __future__ import annotations

import dataclasses
import time

import numpy as np
import pytest

from jem_tui.errors import EXIT_CODES
from jem_tui.events.run import (
    MINUTES,
    TOTAL,
    Evaluated,
    Event,
    Loading,
    Note,
    Paused,
    Resumed,
    Sampling,
    SpeedChanged,
    Stopped,
)
from jem_tui.tui.state.run_state import RunState
from tests.tui.sources import BATCH, run_started, samples, step_done


def state_after(*events: Event) -> RunState:
    state = RunState()
    for event in events:
        state.apply(event)
    return state


def at(step: int, time: float = 0.0) -> dict[str, float | int]:
    return {"step": step, "images": step * BATCH, "time": time}


def test_status_follows_the_events():
    events: list[tuple[Event, str]] = [
        (Loading(**at(0), text="importing torch"), "LOADING"),
        (run_started(), "TRAINING"),
        (Paused(**at(0)), "PAUSED"),
        (step_done(1), "PAUSED"),
        (Resumed(**at(1)), "TRAINING"),
        (Stopped(**at(1), reason="finished"), "FINISHED"),
    ]
    state = RunState()
    for event, status in events:
        state.apply(event)
        assert state.status == status


@pytest.mark.parametrize("reason", EXIT_CODES)
def test_every_reason_to_stop_has_a_word(reason):
    state = state_after(run_started(), Stopped(**at(0), reason=reason, error="why"))
    assert state.status in {"FINISHED", "STOPPED", "INTERRUPTED", "FAILED", "DIVERGED"}
    assert not state.active


def test_steps_fill_the_series_of_their_metrics():
    state = state_after(run_started(), *(step_done(k, **{TOTAL: float(k)}) for k in range(1, 1001)))
    series = state.run.series[TOTAL]
    assert np.array_equal(series.images, BATCH * np.arange(1, 1001))
    assert np.array_equal(series.values, np.arange(1, 1001))
    assert (state.run.step, state.run.images, state.run.epoch, state.run.epochs) == (1000, 64_000, 9, 10)
    assert state.run.fraction == 1.0


def test_the_smoothed_curve_starts_without_bias_and_averages_over_twenty_values():
    constant = state_after(run_started(), *(step_done(k, **{TOTAL: 3.0}) for k in range(1, 40)))
    assert np.allclose(constant.run.series[TOTAL].smoothed(0.95), 3.0)
    rng = np.random.default_rng(0)
    noisy = state_after(run_started(), *(step_done(k, **{TOTAL: v}) for k, v in enumerate(rng.normal(size=4000), 1)))
    spread = noisy.run.series[TOTAL].smoothed(0.95)[1000:].std()
    assert spread == pytest.approx((0.05 / 1.95) ** 0.5, rel=0.25)


def test_values_that_are_not_finite_are_kept_but_do_not_touch_the_average():
    values = [2.0, float("nan"), float("inf"), 2.0]
    state = state_after(run_started(), *(step_done(k, **{TOTAL: value}) for k, value in enumerate(values, 1)))
    series = state.run.series[TOTAL]
    assert np.array_equal(series.values, values, equal_nan=True)
    assert series.smoothed(0.95) == pytest.approx([2.0, np.nan, np.nan, 2.0], nan_ok=True)


def test_views_of_a_series_do_not_change():
    state = state_after(run_started(), *(step_done(k) for k in range(1, 257)))
    before = state.run.series[TOTAL].values
    kept = before.copy()
    for k in range(257, 700):
        state.apply(step_done(k))
    assert np.array_equal(before, kept)


def test_speed_is_measured_over_recent_steps():
    state = state_after(run_started(), *(step_done(k, at=0.5 * k) for k in range(1, 100)))
    assert state.run.speedometer.images_per_second == pytest.approx(128)


def test_a_pause_does_not_slow_the_throughput():
    state = state_after(run_started(), *(step_done(k, at=0.1 * k) for k in range(1, 100)), Paused(**at(99, 10.0)))
    before = state.run.speedometer.images_per_second
    for event in (Resumed(**at(99, 5000.0)), step_done(100, at=5000.1), step_done(101, at=5000.2)):
        state.apply(event)
    assert before == pytest.approx(640)
    assert state.run.speedometer.images_per_second == pytest.approx(640)


def test_single_steps_do_not_count_as_pace():
    steps = [step_done(k, at=1000.0 * k) for k in range(101, 105)]
    running = [step_done(k, at=0.1 * k) for k in range(1, 100)]
    state = state_after(run_started(), *running, Paused(**at(99)), *steps, Resumed(**at(104)))
    after = [step_done(105, at=200_000.0), step_done(106, at=200_000.1)]
    for event in after:
        state.apply(event)
    assert state.run.speedometer.images_per_second == pytest.approx(640)


def test_a_forecast_needs_a_steady_pace():
    state = state_after(run_started(total=1000), *(step_done(k, at=0.5 * k) for k in range(1, 10)))
    assert state.seconds_left is None
    for k in range(10, 101):
        state.apply(step_done(k, at=0.5 * k))
    assert state.seconds_left == pytest.approx(450)
    for k in range(101, 108):
        state.apply(step_done(k, at=50 + 3.0 * (k - 100)))
    assert state.seconds_left is None


def test_no_forecast_while_paused_and_a_faster_one_for_a_fast_replay():
    events = [run_started(activity="replaying"), *(step_done(k, at=0.5 * k) for k in range(1, 101))]
    assert state_after(*events, SpeedChanged(**at(100), speed=4.0)).seconds_left == pytest.approx(112.5)
    assert state_after(*events, Paused(**at(100))).seconds_left is None


def test_notes_are_kept_and_mark_the_charts():
    notes = [
        Note(**at(1), text="reseeded", kind="reseed"),
        Note(**at(2), text="epoch 1 done", kind="epoch"),
        Note(**at(3), text="saved", kind="checkpoint"),
    ]
    state = state_after(run_started(), *notes)
    assert [note.text for note in state.run.notes] == ["reseeded", "epoch 1 done", "saved"]
    assert [(mark.kind, mark.images) for mark in state.run.marks] == [
        ("reseed", BATCH),
        ("epoch", 2 * BATCH),
        ("checkpoint", 3 * BATCH),
    ]


def test_a_pause_marks_the_charts_once():
    state = state_after(run_started(), step_done(1), Paused(**at(1)), Resumed(**at(1)), Paused(**at(1)))
    assert [(mark.kind, mark.images) for mark in state.run.marks] == [("pause", BATCH)]


def test_an_evaluation_is_a_point_and_a_line_of_the_notes():
    state = state_after(run_started(), Evaluated(**at(5), split="validation", scores={"accuracy": 0.953, "xe": 0.1234}))
    assert state.run.scores == {"validation/accuracy": 0.953, "validation/xe": 0.1234}
    assert list(state.run.series["validation/accuracy"].values) == [0.953]
    assert state.run.notes[-1].text == "validation: accuracy 95.30%, xe 0.1234"


def test_a_long_chain_is_shown_until_its_step_is_done():
    state = state_after(run_started(), Sampling(**at(0), k=3, of=20))
    assert (state.run.sampling.k, state.run.sampling.of) == (3, 20)
    state.apply(step_done(1))
    assert state.run.sampling is None


def test_the_numbers_are_never_behind_the_pictures():
    state = state_after(run_started(), step_done(4), samples(5))
    assert (state.run.step, state.run.images) == (5, 5 * BATCH)
    state.apply(step_done(5))
    assert (state.run.step, len(state.run.series[TOTAL])) == (5, 2)


def test_a_replay_has_ended_until_it_starts_again():
    start, end = run_started(activity="replaying"), Note(**at(9), text="end of the recording", kind="end")
    state = state_after(start, step_done(9), Paused(**at(9)), end)
    assert (state.status, state.active, [mark.kind for mark in state.run.marks]) == ("ENDED", False, ["pause"])
    for event in (start, step_done(3)):
        state.apply(event)
    assert state.status == "PAUSED"


def test_a_jump_forgets_the_run_but_not_the_pause_nor_the_speed():
    start = run_started(activity="replaying")
    state = state_after(start, *(step_done(k) for k in range(1, 500)), samples(499), Note(**at(499), text="x"))
    for event in (SpeedChanged(**at(499), speed=8.0), Paused(**at(499)), start, *(step_done(k) for k in range(1, 101))):
        state.apply(event)
    assert (state.status, state.speed) == ("PAUSED", 8.0)
    assert state.run.step == 100
    assert len(state.run.series[TOTAL]) == 100
    assert (state.run.samples, state.run.notes, state.run.marks) == (None, [], [])


def test_events_before_the_start_are_not_an_error():
    assert state_after(Paused(**at(0)), step_done(1), Note(**at(0), text="early")).status == "LOADING"


def test_a_burst_of_a_hundred_thousand_events_is_right_and_quick():
    burst = [step_done(k, **{TOTAL: float(k % 97)}) for k in range(1, 100_001)]
    state = state_after(run_started(total=100_000))
    started = time.process_time()
    for event in burst:
        state.apply(event)
    seconds = time.process_time() - started
    series = state.run.series[TOTAL]
    assert np.array_equal(series.values, np.arange(1, 100_001) % 97)
    recent = 0.95 ** np.arange(2000)
    assert series.smoothed(0.95)[-1] == pytest.approx(np.average(series.values[:-2001:-1], weights=recent))
    assert seconds < 5


def timed(*minutes: float, total: int = 0) -> RunState:
    """Return the state of a run of ten minutes after steps that began at some minutes."""
    steps = (step_done(number, **{MINUTES: value}) for number, value in enumerate(minutes, start=1))
    return state_after(dataclasses.replace(run_started(), total_steps=total, budget_seconds=600.0), *steps)


def test_a_time_budget_gives_progress_and_the_time_that_is_left():
    state = timed(0.0, 2.5)
    assert (state.run.fraction, state.seconds_left, state.run.epochs) == (0.25, 450.0, 0)
    assert timed().seconds_left == 600.0
    assert timed(12.0).seconds_left == 0.0
    assert timed(1.0, 2.0, total=4).run.fraction == 0.5
    state.apply(Paused(**at(2)))
    assert state.seconds_left is None
