"""A viewer against a scripted door: joining, following, losing and finding the run again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from jem_tui.events.commands import Pause, SampleNow, Stop
from jem_tui.events.run import MINUTES, TOTAL, Note, RunStarted, Samples, Sampling, StepDone
from jem_tui.events.viewing import Connection
from jem_tui.stream.attach import lost_run, viewer
from jem_tui.stream.attach.frames import RECORDS, UNRECORDED, pack
from jem_tui.stream.attach.messages import Join, Progress, Refused, Steer
from tests.stream.attach.attached_viewer import Attached
from tests.stream.attach.displayed import displayed, state_of
from tests.stream.attach.scripted_door import ScriptedDoor, as_records, hello
from tests.stream.attach.test_run_log import position_of
from tests.stream.stream_events import record, samples, small_run, started, step_done, stopped
from tests.wait_until import PATIENCE

START = started(total_steps=100, abilities=frozenset({"reseed", "save", "adjust"}))


def test_the_past_precedes_the_tail(attached: Attached, run_dir: Path):
    attached.until(lambda: attached.door.connections)
    assert attached.door.received(lambda message: isinstance(message, Join)) == Join(author="alice@laptop")
    attached.door.send(
        hello(START, position_of(run_dir)), as_records(step_done(21), samples(21)), as_records(step_done(22))
    )
    attached.until_step(22)
    start, *others = [event for event in attached.events if not isinstance(event, Connection) and event.step >= 0][2:]
    assert isinstance(start, RunStarted) and start.abilities == START.abilities
    state = attached.state()
    assert state.run is not None and state.run.series[TOTAL].steps.tolist() == list(range(1, 23))
    live = [START, *small_run(20)[1:-1], step_done(21), samples(21), step_done(22)]
    assert displayed(state) == displayed(state_of(live))
    assert sum(isinstance(event, Samples) for event in others) == 2


def test_progress_and_requested_samples_are_displayed(attached: Attached, run_dir: Path):
    attached.until(lambda: attached.door.connections)
    progress = Sampling(step=20, images=1280, time=1020.5, k=3, of=20)
    requested = samples(20, requested=True)
    attached.door.send(
        hello(START, position_of(run_dir)), Progress(sampling=progress), as_records(requested, kind=UNRECORDED)
    )
    attached.until(lambda: any(isinstance(event, Samples) and event.requested for event in attached.events))
    assert attached.of(Sampling) == [progress]


def test_commands_are_sent_once_the_run_is_joined(attached: Attached, run_dir: Path):
    attached.until(lambda: attached.door.connections)
    attached.viewer.send(Pause())
    attached.until(lambda: attached.of(Note))
    assert "not connected" in attached.of(Note)[0].text
    attached.door.send(hello(START, position_of(run_dir)))
    attached.until(lambda: attached.of(RunStarted))
    attached.viewer.send(Stop(save=True))
    message = attached.door.received(lambda message: isinstance(message, Steer))
    assert isinstance(message, Steer) and message.command == Stop(save=True)


def test_a_refusal_is_a_note(attached: Attached, run_dir: Path):
    attached.until(lambda: attached.door.connections)
    attached.door.send(hello(START, position_of(run_dir)), Refused(text="No thanks."))
    attached.until(lambda: attached.of(Note))
    assert attached.of(Note)[0].text == "No thanks."


def test_a_lost_connection_is_made_again_and_nothing_is_displayed_twice(attached: Attached, run_dir: Path, monkeypatch):
    monkeypatch.setattr(lost_run, "is_alive", lambda run_dir: True)
    attached.until(lambda: attached.door.connections)
    attached.door.send(hello(START, position_of(run_dir)), as_records(step_done(21)))
    attached.until_step(21)
    attached.door.drop()
    attached.until(lambda: attached.door.connections == 2)
    attached.until(lambda: len(attached.of(Connection)) == 2)
    lost = attached.of(Connection)[1]
    assert isinstance(lost, Connection) and not lost.connected and "No connection" in lost.text
    attached.door.send(hello(START, position_of(run_dir)), as_records(step_done(21), step_done(22)))
    attached.until_step(22)
    assert attached.state().run.series[TOTAL].steps.tolist() == list(range(1, 23))
    assert [event.connected for event in attached.of(Connection)] == [True, False, True]


def test_an_overflow_makes_the_viewer_read_the_log_again(attached: Attached, run_dir: Path):
    attached.until(lambda: attached.door.connections)
    attached.door.send(hello(START, position_of(run_dir)), as_records(step_done(21)))
    attached.door.send(hello(START, position_of(run_dir), again=True), as_records(step_done(21), step_done(22)))
    attached.until_step(22)
    assert len(attached.of(RunStarted)) == 2 and len(attached.of(Connection)) == 1
    assert attached.state().run.series[TOTAL].steps.tolist() == list(range(1, 23))


def test_the_end_of_the_run_ends_the_viewer(attached: Attached, run_dir: Path):
    attached.until(lambda: attached.door.connections)
    attached.door.send(hello(START, position_of(run_dir)), as_records(step_done(21), stopped(21)))
    attached.until(lambda: attached.viewer.ended)
    assert attached.viewer.ended == stopped(21) and attached.events[-1] == stopped(21)


def test_many_records_become_one_event(attached: Attached, run_dir: Path):
    attached.until(lambda: attached.door.connections)
    steps = [step_done(step) for step in range(21, 3021)]
    attached.door.send(hello(START, position_of(run_dir)), as_records(*steps))
    attached.until_step(3020)
    assert attached.state().run.series[TOTAL].steps.tolist() == list(range(1, 3021))
    assert not attached.of(StepDone)


def test_damaged_records_are_read_from_the_log_instead(attached: Attached, run_dir: Path, monkeypatch):
    monkeypatch.setattr(lost_run, "is_alive", lambda run_dir: True)
    attached.until(lambda: attached.door.connections)
    attached.door.send(hello(START, position_of(run_dir)), pack(RECORDS, b"no record"))
    attached.until(lambda: attached.door.connections == 2)
    attached.door.send(hello(START, position_of(run_dir)), as_records(step_done(21)))
    attached.until_step(21)
    assert "damaged records" in attached.of(Connection)[1].text


def test_an_unreadable_log_leaves_the_tail(attached: Attached, run_dir: Path):
    attached.until(lambda: attached.door.connections)
    attached.door.send(hello(START, (("gone", 10),)), as_records(step_done(21)))
    attached.until_step(21)
    (note,) = attached.of(Note)
    assert "The past of the run cannot be displayed" in note.text
    assert attached.state().run.series[TOTAL].steps.tolist() == [21]


def test_a_resumed_run_is_joined_in_its_new_session(attached: Attached, run_dir: Path):
    attached.until(lambda: attached.door.connections)
    attached.door.send(hello(START, position_of(run_dir), paused=True), as_records(step_done(21)))
    attached.until_step(21)
    assert attached.state().paused
    attached.door.drop()
    attached.until(lambda: attached.door.connections == 2)
    start = started(10, total_steps=100, time=2000.0)
    record(run_dir, [start])
    attached.door.send(hello(start, position_of(run_dir), run_id="second"), as_records(step_done(11, 9.0, time=2001.0)))
    attached.until(lambda: attached.state().run.step == 11)
    state = attached.state()
    assert state.run.series[TOTAL].steps.tolist() == list(range(1, 12)) and not state.paused
    assert "new session" in attached.of(Connection)[-1].text


def test_the_time_that_is_left_of_a_run_is_displayed(attached: Attached, run_dir: Path):
    start = started(total_steps=0, budget_seconds=600.0)
    timed = step_done(21)
    timed = replace(timed, metrics={**timed.metrics, MINUTES: 2.5})
    attached.until(lambda: attached.door.connections)
    attached.door.send(hello(start, position_of(run_dir)), as_records(timed))
    attached.until_step(21)
    state = attached.state()
    assert (state.run.info.budget_seconds, state.run.fraction, state.seconds_left) == (600.0, 0.25, 450.0)


def test_a_run_that_cannot_be_joined_ends_the_viewer_with_the_cause(run_dir: Path, monkeypatch):
    monkeypatch.setattr(viewer, "FIRST_PATIENCE", 0.1)
    closed = ScriptedDoor()
    closed.is_open = False
    attached = Attached(run_dir, closed)
    attached.until(lambda: attached.viewer.ended)
    assert attached.viewer.ended.reason == "refused" and "No live run can be joined" in attached.viewer.ended.error
    assert attached.viewer.close(PATIENCE)


def test_closing_leaves_the_run_and_no_thread(run_dir: Path):
    attached = Attached(run_dir)
    attached.until(lambda: attached.door.connections)
    attached.door.send(hello(START, position_of(run_dir)))
    attached.until(lambda: attached.of(RunStarted))
    assert attached.viewer.close(PATIENCE) and attached.viewer.ended is not None
    with pytest.raises(AssertionError, match="closed the connection"):
        attached.door.received(lambda message: isinstance(message, Steer))


def test_a_watching_viewer_sends_nothing(run_dir: Path):
    attached = Attached(run_dir, view_only=True)
    attached.until(lambda: attached.door.connections)
    attached.door.send(hello(START, position_of(run_dir)))
    attached.until(lambda: attached.of(RunStarted))
    for command in (Pause(), SampleNow()):
        attached.viewer.send(command)
    assert attached.viewer.close(PATIENCE)
    with pytest.raises(AssertionError, match="closed the connection"):
        attached.door.received(lambda message: isinstance(message, Steer))
    assert not attached.of(Note)
