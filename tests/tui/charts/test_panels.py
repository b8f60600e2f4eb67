"""Panels of a run."""

from __future__ import annotations

import math

from jem_tui.events.run import StepDone
from jem_tui.tui.charts.chart_settings import ChartSettings
from jem_tui.tui.charts.panels import Panel, panels_of
from jem_tui.tui.charts.varying_panels import varying_panels
from jem_tui.tui.charts.viewport import ChartViewport
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


def test_main_panels_stay_with_a_single_point():
    run = RunView(run_started())
    run.add_step(step_done(1), timed=True)
    assert varying(run)[:4] == CHIEF


def run_with(**metrics: tuple[float, ...]) -> RunView:
    """Return a run whose metrics have the given values, one for each step."""
    run = RunView(run_started())
    for step, values in enumerate(zip(*metrics.values(), strict=True), 1):
        found = {tag: value for tag, value in zip(metrics, values, strict=True) if value == value}
        run.add_step(StepDone(step=step, images=step, time=float(step), epoch=1, metrics=found), timed=True)
    return run


def varying(run: RunView) -> list[str]:
    return [panel.title for panel in varying_panels(panels_of(run), run)]


def test_constant_and_one_point_panels_are_left_out_until_they_vary():
    nan = math.nan
    run = run_with(constant=(5.0, 5.0, 5.0), single=(nan, nan, 1.0), moving=(1.0, 1.0, 2.0))
    assert {"constant", "single"}.isdisjoint(varying(run)) and "moving" in varying(run)
    assert {"constant", "single", "moving"} <= set(titles(run))
    run.add_step(StepDone(step=4, images=4, time=4.0, epoch=1, metrics={"constant": 6.0, "single": 1.5}), timed=True)
    assert {"constant", "single"} <= set(varying(run))


def test_a_value_that_is_not_finite_is_shown():
    run = RunView(run_started())
    for step in (1, 2):
        run.add_step(StepDone(step=step, images=step, time=1.0, epoch=1, metrics={"broken": math.nan}), timed=True)
    assert "broken" in varying(run)


def test_a_log_without_any_varying_curve_shows_all_panels():
    run = RunView(run_started(activity="replaying"))
    for step in (1, 2):
        run.add_step(StepDone(step=step, images=step, time=1.0, epoch=1, metrics={"a": 1.0, "b": 2.0}), timed=False)
    assert varying(run) == titles(run) and {"a", "b"} <= set(titles(run))


def test_the_chosen_panel_stays_chosen_when_others_appear():
    viewport = ChartViewport(ChartSettings())
    few, more = ([Panel(title=title, tags=(title,)) for title in titles] for titles in ("abc", "axbc"))
    viewport.chosen = 1
    viewport.keep_chosen(few, more)
    assert viewport.chosen == 2
