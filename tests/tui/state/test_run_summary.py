"""The summary of a run, and trends at its end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from jem_tui.events.run import ACCURACY, NRG, TOTAL, Evaluated, Note
from jem_tui.run_files import checkpoint_path
from jem_tui.stream.runs.run_dir import write_run_file
from jem_tui.tui.state.run_state import RunState
from jem_tui.tui.state.run_summary import best_checkpoint, summarize_run, training_seconds, trend_text
from jem_tui.tui.state.run_view import RunView
from jem_tui.tui.state.series import Series
from jem_tui.tui.state.trend import change_at_end
from tests.stream.runs.unfinished_run import RUN
from tests.tui.sources import BATCH, run_started, step_done


def curve(values: Sequence[float]) -> Series:
    series = Series()
    for step, value in enumerate(values, start=1):
        series.append(step, step, float(step), value)
    return series


def ended_run(steps: int = 100, **metrics: float) -> RunView:
    """Return a run of some steps a second apart, with an evaluation every 25 steps."""
    state = RunState()
    state.apply(run_started(total=steps))
    for step in range(1, steps + 1):
        state.apply(step_done(step, **metrics))
        if step % 25 == 0:
            place = {"step": step, "images": step * BATCH, "time": float(step)}
            state.apply(Evaluated(**place, split="validation", scores={"accuracy": 0.9 - abs(step - 50) / 1000}))
    assert state.run is not None
    return state.run


def test_a_slope_in_the_last_tenth_is_the_change_there():
    assert change_at_end(curve([5.0] * 900 + [5 + x / 100 for x in range(100)]), 1000) == pytest.approx(1.0, rel=0.1)


def test_a_change_within_the_noise_is_none():
    noise = np.random.default_rng(0).normal(size=1000)
    assert change_at_end(curve(noise), 1000) == 0.0


def test_few_points_are_compared_with_the_last_but_one():
    assert change_at_end(curve([1.0, 2.0, 2.5]), 3) == 0.5
    assert change_at_end(curve([1.0]), 1) is None
    assert change_at_end(curve([float(step % 2) for step in range(40)]), 40) is None
    assert change_at_end(curve([float("nan")] * 20), 20) is None


@pytest.mark.parametrize(
    ("change", "fraction", "text"),
    [
        (0.012, True, "↑ 1.20 points"),
        (-0.5, False, "↓ 0.5"),
        (0.0, False, "→ steady"),
        (0.000001, True, "→ steady"),
    ],
)
def test_changes_are_arrows_with_numbers(change, fraction, text):
    assert trend_text(change, fraction=fraction) == text


@pytest.mark.parametrize(("change", "verdict"), [(0.01, "↑ 0.01 worse"), (-0.01, "↓ 0.01 better"), (0.0, "→ steady")])
def test_the_trend_of_a_metric_with_a_direction_says_what_it_means(change, verdict):
    assert trend_text(change, fraction=False, better="lower") == verdict


@pytest.mark.parametrize(("step", "verdict"), [(100, "too early to judge"), (1000, "healthy: near 0")])
def test_the_energy_difference_is_judged_once_it_has_settled(step, verdict):
    run = ended_run()
    run.step = step
    (score,) = (score for score in summarize_run(run, None).scores if score.name == NRG)
    assert score.trend.endswith(verdict)


def test_a_summary_has_scores_and_facts(tmp_path):
    run = ended_run()
    for kind in ("divergence", "rewind", "info"):
        run.add_note(Note(step=3, images=3 * BATCH, time=3.0, text=kind, kind=kind))
    write_run_file(tmp_path, replace(RUN, energy_joules=7200.0))
    checkpoint_path(tmp_path, 100).parent.mkdir()
    checkpoint_path(tmp_path, 100).touch()
    summary = summarize_run(run, tmp_path)
    names = [score.name for score in summary.scores]
    assert names[0] == "validation accuracy" and ACCURACY in names and TOTAL in names
    assert summary.scores[0].value == "85.00%" and summary.scores[0].trend == "↓ 2.50 points worse"
    assert dict(summary.facts) == {
        "Length": "100 steps, 6,400 images",
        "Time": "1:39, 64 images/s",
        "Divergences": "1, 1 rollback",
        "Best checkpoint": "step 100, validation accuracy 85.00%",
        "Energy": "2 Wh of the whole device",
    }


def test_the_best_checkpoint_has_the_highest_accuracy_at_its_step(tmp_path):
    checkpoint_path(tmp_path, 1).parent.mkdir()
    for step in (10, 60, 100):
        checkpoint_path(tmp_path, step).touch()
    assert best_checkpoint(ended_run(), tmp_path) == "step 60, validation accuracy 90.00%"


def test_a_pause_does_not_count_as_time_of_training():
    run = RunState()
    run.apply(run_started())
    for step in range(1, 11):
        run.apply(step_done(step, at=step + (3600.0 if step > 5 else 0.0)))
    assert training_seconds(run.run) == 8.0


def test_a_run_of_another_machine_has_no_facts_of_files():
    summary = summarize_run(ended_run(), None)
    assert summary.commands == () and "Best checkpoint" not in dict(summary.facts)
