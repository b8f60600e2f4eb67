"""The screen's view of a watched loop, which need not have epochs, a last step, images, chains or a checkpoint."""

from __future__ import annotations

import dataclasses

import numpy as np

from jem_tui.events.commands import Adjust, Reseed
from jem_tui.events.describe import sentence
from jem_tui.events.run import Adjusted, Note
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
