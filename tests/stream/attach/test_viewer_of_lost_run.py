"""A viewer whose run refuses it, dies, ends or disappears while it is displayed."""

from __future__ import annotations

from pathlib import Path

from jem_tui.events.run import TOTAL, Note, RunStarted
from jem_tui.events.viewing import Connection
from jem_tui.stream.attach import lost_run, viewer
from jem_tui.stream.attach.messages import Refused
from tests.stream.attach.attached_viewer import Attached
from tests.stream.attach.scripted_door import as_records, hello
from tests.stream.attach.test_run_log import position_of
from tests.stream.stream_events import record, started, step_done, stopped

START = started(total_steps=100, abilities=frozenset({"reseed", "save", "adjust"}))


def test_a_run_that_recorded_its_end_meanwhile_ends_the_viewer(attached: Attached, run_dir: Path):
    attached.until(lambda: attached.door.connections)
    attached.door.send(hello(START, position_of(run_dir)))
    attached.until(lambda: attached.of(RunStarted))
    record(run_dir, [started(20), step_done(21), stopped(21)])
    attached.door.is_open = False
    attached.door.drop()
    attached.until(lambda: attached.viewer.ended)
    assert attached.viewer.ended.reason == "finished" and attached.viewer.ended.step == 21
    assert attached.state().run.series[TOTAL].steps.tolist() == list(range(1, 22))


def test_a_repeated_refusal_is_displayed_once_as_the_state_of_the_connection(
    attached: Attached, run_dir: Path, monkeypatch
):
    monkeypatch.setattr(lost_run, "is_alive", lambda run_dir: True)
    monkeypatch.setattr(viewer, "LONGEST_DELAY", 0.05)
    attached.until(lambda: attached.door.connections)
    attached.door.send(hello(START, position_of(run_dir)), as_records(step_done(21)))
    attached.until_step(21)
    for connection in (2, 3, 4):
        attached.door.drop()
        attached.until(lambda connection=connection: attached.door.connections == connection)
        attached.door.send(Refused(text="No thanks.") if connection < 4 else hello(START, position_of(run_dir)))
    attached.until(lambda: len(attached.of(RunStarted)) == 2)
    texts = [event.text for event in attached.of(Connection) if isinstance(event, Connection) and not event.connected]
    assert texts[-1] == "No thanks." and len(texts) == 2 and texts[0].startswith("No connection: ")
    assert not attached.of(Note)


def test_a_run_that_died_ends_the_viewer_after_some_patience(attached: Attached, run_dir: Path, monkeypatch):
    monkeypatch.setattr(lost_run, "PATIENCE", 0.3)
    attached.until(lambda: attached.door.connections)
    attached.door.send(hello(START, position_of(run_dir)), as_records(step_done(21)))
    attached.until_step(21)
    attached.door.is_open = False
    attached.door.drop()
    attached.until(lambda: attached.viewer.ended)
    ended = attached.viewer.ended
    assert ended.reason == "interrupted" and "without recording its end" in ended.error
    lost = attached.of(Connection)[-1]
    assert isinstance(lost, Connection) and "The process of the run has died" in lost.text


def test_a_run_folder_that_was_removed_ends_the_viewer_with_a_sentence(attached: Attached, run_dir: Path, monkeypatch):
    monkeypatch.setattr(lost_run, "PATIENCE", 0.3)
    attached.until(lambda: attached.door.connections)
    attached.door.send(hello(START, position_of(run_dir)), as_records(step_done(21)))
    attached.until_step(21)
    run_dir.rename(run_dir.with_name("moved"))
    attached.door.send(as_records(step_done(22)))
    attached.until_step(22)
    attached.door.is_open = False
    attached.door.drop()
    attached.until(lambda: attached.viewer.ended)
    assert "its log cannot be read" in attached.viewer.ended.error
    assert attached.state().run.series[TOTAL].steps.tolist() == list(range(1, 23))
