"""Lines and the progress bar of a run that ends after a time."""

from __future__ import annotations

import pytest

from jem_tui.events.run import MINUTES, Event
from jem_tui.stream.console.running_means import RunningMeans
from tests.stream.console.test_line_output import plain_lines, progress
from tests.stream.stream_events import METRICS, started, step_done, stopped


def timed_step(step: int) -> Event:
    """Make a step of a run with a time budget, each of which takes a second."""
    return step_done(step, metrics={**dict.fromkeys(METRICS, 0.5), MINUTES: (step - 1) / 60})


def test_the_time_left_is_that_of_the_budget_or_of_the_last_step():
    recent = RunningMeans()
    for step in range(1, 101):
        recent(timed_step(step))
    by_time = started(total_steps=0, budget_seconds=300.0)
    assert recent.seconds_left(by_time) == pytest.approx(201)
    assert recent.share_done(by_time, 100) == pytest.approx(99 / 300)
    both = started(total_steps=160, budget_seconds=300.0)
    assert (recent.seconds_left(both), recent.share_done(both, 100)) == (pytest.approx(60), pytest.approx(100 / 160))


def test_plain_lines_of_a_timed_run_show_its_minutes_once_for_each_per_cent():
    start = started(total_steps=0, budget_seconds=600.0)
    lines = plain_lines([start, *map(timed_step, range(1, 31)), stopped(30)], 1.0)[1:-1]
    assert lines[0].startswith("step       1  minute  0.0 of 10  images          64  total   0.5000")
    assert lines[-1].startswith("step      30  minute  0.5 of 10")
    assert len(lines) == 6


def test_the_progress_display_of_a_timed_run_shows_the_time_that_is_left():
    start = started(total_steps=0, budget_seconds=300.0)
    out = progress(80, [start, *map(timed_step, range(1, 101)), stopped(100)])
    assert "epoch 2  step 100 " in out and "3:21 left" in out
