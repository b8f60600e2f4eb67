"""The door of a run: what viewers receive, how they steer, and what is left after the end."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

from tensorboard.compat.proto import event_pb2

from jem_tui.events.commands import Adjust, Advance, Authored, Command, Pause, SampleNow, Stop
from jem_tui.events.run import Paused, Resumed, RunStarted, Sampling
from jem_tui.stream.attach.door_file import DOOR_FILE, live_doors
from jem_tui.stream.attach.messages import Ping, Pong, Progress, Refused, Steer
from jem_tui.stream.attach.record_decoder import RecordDecoder
from jem_tui.stream.attach.run_log import RunLog
from jem_tui.stream.tfevents import codec
from tests.stream.attach.plain_viewer import OpenRun, payloads
from tests.stream.stream_events import equal, evaluated, samples, started, stopped
from tests.wait_until import PATIENCE

AT = {"step": 3, "images": 192, "time": 5.0}


def received(run: OpenRun) -> Command:
    return run.commands.get(timeout=PATIENCE)


def test_a_viewer_gets_the_start_the_log_and_what_follows(run: OpenRun):
    run.take_steps(3)
    with run.viewer() as viewer:
        hello = viewer.hello
        (start,) = payloads(hello.started)
        message = event_pb2.Event.FromString(start)
        assert equal(codec.decode(message, codec.body(message) or {}), started(total_steps=100))
        assert (hello.run_dir, hello.paused, hello.again) == (str(run.run_dir), False, False)
        run.take_steps(4)
        run.emit(evaluated(7), samples(7))
        run.end()
        viewer.receive_all()
        assert viewer.log(run.run_dir) == run.log()
        assert len(run.log()) == 11


def test_two_viewers_at_different_times_have_the_same_log(run: OpenRun):
    with run.viewer() as first:
        run.take_steps(5)
        run.recorder._recorder._log._events.flush()  # type: ignore[union-attr]
        with run.viewer() as second:
            assert first.hello and second.hello
            run.take_steps(5)
            run.end()
            first.receive_all()
            second.receive_all()
            assert first.log(run.run_dir) == second.log(run.run_dir) == run.log()


def test_a_viewer_that_joins_a_paused_run_knows_it(run: OpenRun):
    run.emit(Paused(**AT))
    with run.viewer() as viewer:
        assert viewer.hello.paused
    run.emit(Resumed(**AT))
    with run.viewer() as viewer:
        # The end of a pause is not flushed at once, so it follows
        assert viewer.hello.paused
        while Resumed(**AT) not in RecordDecoder().events(viewer.records):
            viewer.receive()


def test_a_viewer_that_joins_while_a_pause_is_recorded_displays_it(run: OpenRun):
    run.recorder._recorder(Paused(**AT))
    with run.viewer() as viewer:
        hello = viewer.hello
        past = list(RunLog(run.run_dir).past(started(), hello.position, paused=hello.paused))
        run.recorder._door(Paused(**AT))
        run.end()
        viewer.receive_all()
        assert viewer.log(run.run_dir) == run.log()
    events = [*past, *RecordDecoder().events(viewer.records)]
    assert [event for event in events if isinstance(event, Paused | Resumed)] == [Paused(**AT)]


def test_the_newest_start_counts(run: OpenRun):
    run.emit(replace(started(total_steps=100), parameters=77))
    with run.viewer() as viewer:
        hello = viewer.hello
        message = event_pb2.Event.FromString(payloads(hello.started)[0])
        start = codec.decode(message, codec.body(message) or {})
        assert isinstance(start, RunStarted) and start.parameters == 77


def test_requested_samples_and_progress_are_sent_without_being_recorded(run: OpenRun):
    with run.viewer() as viewer:
        assert viewer.hello
        run.emit(Sampling(**AT, k=2, of=5), samples(3, requested=True))
        assert viewer.await_message(Progress) == Progress(sampling=Sampling(**AT, k=2, of=5))
        message = event_pb2.Event.FromString(payloads(viewer.await_samples())[0])
        assert equal(codec.decode(message, codec.body(message) or {}), samples(3, requested=True))
    assert len(run.log()) == 1


def test_commands_reach_the_run_with_their_author(run: OpenRun):
    with run.viewer(author="bob@tower") as viewer:
        viewer.send(Steer(command=Pause()), Steer(command=Advance(steps=3)))
        assert received(run) == Authored(command=Pause(), author="bob@tower")
        assert received(run) == Authored(command=Advance(steps=3), author="bob@tower")


def test_a_viewer_without_a_name_is_still_an_author(run: OpenRun):
    with run.viewer(author="") as viewer:
        viewer.send(Steer(command=Pause()))
        assert received(run) == Authored(command=Pause(), author="a viewer")


def test_a_watching_viewer_cannot_steer(run: OpenRun):
    with run.viewer(view_only=True) as viewer:
        viewer.send(Steer(command=Stop()))
        answer = viewer.await_message(Refused)
        assert isinstance(answer, Refused) and "without --watch" in answer.text
    assert run.commands.empty()


def test_a_command_out_of_range_is_refused_and_the_viewer_stays(run: OpenRun):
    with run.viewer() as viewer:
        viewer.send(Steer(command=Adjust(name="optimizer.rate", increments=10**9)), Ping())
        assert "whole number" in str(viewer.await_message(Refused))
        viewer.await_message(Pong)
    assert run.commands.empty()


def test_requests_for_samples_of_several_viewers_are_sent_once(run: OpenRun):
    with run.viewer() as first, run.viewer() as second:
        first.send(Steer(command=SampleNow()))
        assert received(run) == SampleNow()
        second.send(Steer(command=SampleNow()), Ping())
        second.await_message(Pong)
        first.send(Steer(command=SampleNow()), Ping())
        first.await_message(Pong)
        run.emit(samples(1, requested=True))
        for viewer in (first, second):
            viewer.await_samples()
        assert run.commands.empty()
        time.sleep(0.5)
        first.send(Steer(command=SampleNow()))
        assert received(run) == SampleNow()


def test_nothing_is_left_after_the_end(tmp_path: Path, sockets: Path):
    run = OpenRun(tmp_path / "run")
    assert live_doors() == [run.door]
    run.end()
    assert live_doors() == []
    assert list(sockets.iterdir()) == []
    assert not (run.run_dir / DOOR_FILE).exists()


def test_two_runs_in_one_process_have_two_doors(tmp_path: Path):
    one, other = OpenRun(tmp_path / "one"), OpenRun(tmp_path / "other")
    with one.viewer() as first, other.viewer() as second:
        first.send(Steer(command=Pause()))
        assert isinstance(received(one), Authored)
        one.take_steps(3)
        one.end()
        first.receive_all()
        assert first.log(one.run_dir) == one.log()
        other.take_steps()
        other.end()
        second.receive_all()
        assert second.log(other.run_dir) == other.log()
    assert other.commands.empty()


def test_a_run_that_is_not_recorded_has_no_door(tmp_path: Path, sockets: Path):
    from jem_tui.stream.attach.door import Door

    door = Door(tmp_path / "run", lambda command: None)
    door(started())
    door(stopped(0))
    assert not sockets.exists()
    assert door.pending_notes() == []
