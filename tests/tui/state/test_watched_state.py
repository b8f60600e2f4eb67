"""The screen's view of a watched loop, which need not have epochs, a last step, images, chains or a checkpoint."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from jem_tui.events.commands import Adjust, Reseed
from jem_tui.events.describe import sentence
from jem_tui.events.recording import Points, StepBatch
from jem_tui.events.run import Adjusted, Note, Paused, Resumed, Stopped
from jem_tui.tui.charts.chart_settings import axis_unit
from jem_tui.tui.charts.panels import panels_of
from jem_tui.tui.panes.header import alarm, fields, progress
from jem_tui.tui.panes.status_line import _facts
from jem_tui.tui.state.run_state import RunState
from jem_tui.tui.state.session import Session
from jem_tui.tui.state.worker import Worker
from tests.stream.stream_events import energies, samples, started, step_done

UNKNOWN = {
    "config": {"watched": {"lr": 0.1}},
    "device": "",
    "seed": -1,
    "parameters": 0,
    "class_names": (),
    "total_steps": 0,
    "steps_per_epoch": 0,
    "abilities": frozenset({"samples"}),
}


def watched(steps: int = 3, per_step: int = 1, **changes: object) -> RunState:
    state = RunState()
    state.apply(started(**{**UNKNOWN, **changes}))
    for step in range(1, steps + 1):
        state.apply(dataclasses.replace(step_done(step), images=step * per_step, metrics={"loss": 1 / step}, epoch=0))
    return state


def labels(state: RunState) -> list[str]:
    assert state.run is not None
    return [field.label or field.unit.strip() for field in fields(state, state.run)]


def test_numbers_that_the_loop_does_not_state_are_left_out():
    assert labels(watched()) == ["step", "steps/s"]
    assert labels(watched(per_step=64)) == ["step", "images", "images/s"]
    assert labels(watched(per_step=64, total_steps=9, steps_per_epoch=2)) == [
        "epoch",
        "step",
        "images",
        "images/s",
        "ETA",
    ]


def test_the_bar_is_blank_without_a_last_step():
    assert progress(watched().run, "", 60).plain.strip() == ""
    assert progress(watched(total_steps=4).run, "", 60).plain.strip()


def test_facts_that_the_loop_does_not_state_are_left_out():
    assert _facts(watched(), 80) == "runs/somewhere"
    assert _facts(watched(device="cuda", seed=0), 80) == "cuda · seed 0 · runs/somewhere"
    assert sentence(started(**UNKNOWN)) == "training"
    assert sentence(started(4, **UNKNOWN)) == "training continues from step 4"


def test_only_metrics_of_the_loop_have_panels():
    assert [panel.title for panel in panels_of(watched().run)] == ["loss", "throughput, steps/s"]
    assert [panel.title for panel in panels_of(watched(per_step=5).run)] == ["loss", "throughput, images/s"]
    assert panels_of(watched(0).run) == []


def test_panes_appear_with_their_content():
    state = watched()
    assert state.empty_panes >= {"samples", "chain", "distributions"}
    state.apply(samples(3, energy=np.full(5, np.nan, np.float32)))
    assert "samples" not in state.empty_panes
    assert "chain" in state.empty_panes
    state.apply(samples(3))
    state.apply(energies(3))
    assert not state.empty_panes & {"samples", "chain", "distributions"}


def test_an_outage_is_shown_for_a_loop_that_cannot_save():
    state = watched()
    assert alarm(state.run) == []
    state.apply(Note(step=3, images=3, time=0.0, text="full", kind="outage"))
    assert alarm(state.run)


def test_a_session_offers_only_what_the_loop_has():
    session = Session(Worker(lambda report: None, print))
    session.state = watched(abilities=frozenset({"samples", "adjust"}), knobs={"optimizer.rate": 0.1})
    assert (session.can("samples"), session.can("save"), session.training, session.at_risk) == (
        True,
        False,
        True,
        False,
    )
    assert session.accepts(Adjust(name="optimizer.rate", increments=1))
    assert not session.accepts(Adjust(name="sgld.steps", increments=1))
    assert session.accepts(Reseed())
    session.request_samples(1.0)
    assert session._worker.commands.qsize() == 1


def test_knobs_have_their_newest_value():
    state = watched(knobs={"rate": 0.1, "momentum": 0.9})
    state.apply(Adjusted(step=3, images=3, time=0.0, name="rate", old=0.1, new=0.2))
    assert state.run.knobs == {"rate": 0.2, "momentum": 0.9}


def past(first: int, last: int, *, began: float = 0.0) -> StepBatch:
    """Return the steps of a run that takes half a second a step, as one event."""
    steps = np.arange(first, last + 1)
    points = {"loss": Points(steps, steps * 64, began + steps / 2, np.zeros(len(steps)))}
    where = {"step": last, "images": last * 64, "time": began + last / 2}
    return StepBatch(**where, epoch=0, metrics={"loss": 0.0}, points=points)


@pytest.mark.parametrize("notes", [False, True])
def test_a_viewer_knows_speed_and_forecast_from_the_past(notes: bool):
    state = watched(0, total_steps=1000, time=0.0)
    for first in range(1, 231, 23):
        state.apply(past(first, first + 22))
        if notes:
            state.apply(Note(step=first + 22, images=64, time=0.0, text="x"))
    assert state.run is not None
    assert state.run.speedometer.images_per_second == pytest.approx(128)
    assert state.seconds_left == pytest.approx(385)


def test_steps_of_an_earlier_session_or_before_a_pause_give_no_forecast():
    earlier = watched(0, total_steps=1000, time=500.0)
    earlier.apply(past(1, 230))
    paused = watched(0, total_steps=1000, time=0.0)
    paused.apply(past(1, 230))
    for kind in (Paused, Resumed):
        paused.apply(kind(step=230, images=230 * 64, time=900.0))
    assert earlier.seconds_left is None
    for state in (earlier, paused):
        state.apply(dataclasses.replace(step_done(231), images=231 * 64, time=1000.0, epoch=0))
        assert state.seconds_left is None


def test_a_run_that_has_ended_has_no_forecast():
    state = watched(per_step=64, total_steps=3)
    state.apply(Stopped(step=3, images=192, time=3.0, reason="finished"))
    assert labels(state) == ["step", "images", "images/s"]


def test_a_loop_that_does_not_pass_images_has_steps_on_its_axis():
    for axis, unit in (("images", "steps"), ("steps", "steps"), ("time", "time")):
        assert axis_unit(axis, watched().run) == unit
        assert axis_unit(axis, watched(per_step=4).run) == axis
