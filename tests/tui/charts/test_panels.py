"""Panels of a run."""

from __future__ import annotations

import math

from jem_tui.events.run import StepDone
from jem_tui.tui.charts.panels import panels_of
from jem_tui.tui.state.run_view import RunView
from tests.tui.sources import run_started, step_done

CHIEF = ["JEM/total", "JEM/nrg", "JEM/xe", "JEM/accuracy"]


def titles(run: RunView) -> list[str]:
    return [panel.title for panel in panels_of(run)]


def test_main_panels_come_first_and_are_shown_without_data():
    run = RunView(run_started())
    assert titles(run)[:4] == CHIEF
    run.add_step(step_done(1, other=1.0), timed=True)
    assert titles(run)[:4] == CHIEF and "other" in titles(run)


def test_a_foreign_log_has_panels_for_its_own_metrics_only():
    run = RunView(run_started(activity="replaying"))
    step = step_done(1)
    run.add_step(type(step)(step=1, images=1, time=1.0, epoch=1, metrics={"loss/train": 1.0}), timed=True)
    assert "loss/train" in titles(run) and not set(CHIEF) & set(titles(run))


def test_an_accuracy_is_in_percent_only_if_it_is_a_fraction():
    run = RunView(run_started(activity="replaying"))
    for step, (share, hundredths) in enumerate([(0.5, 0.5), (1.0, 97.5), (math.nan, math.nan)], 1):
        metrics = {"a/accuracy": share, "b/accuracy": hundredths}
        run.add_step(StepDone(step=step, images=step, time=1.0, epoch=1, metrics=metrics), timed=True)
    assert {panel.title: panel.percent for panel in panels_of(run) if "accuracy" in panel.title} == {
        "a/accuracy": True,
        "b/accuracy": False,
    }
