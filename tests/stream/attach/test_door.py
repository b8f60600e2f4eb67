"""The door of a run: what viewers receive, how they steer, and what is left after the end."""

from __future__ import annotations

import resource
import time
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from tensorboard.compat.proto import event_pb2

from jem_tui.events.commands import Adjust, Advance, Authored, Command, Pause, Reseed, SampleNow, Stop
from jem_tui.events.run import Paused, Resumed, RunStarted, Sampling
from jem_tui.stream.attach import connection_limit, door_server
from jem_tui.stream.attach.connection_limit import most_connections
from jem_tui.stream.attach.door_file import DOOR_FILE, live_doors
from jem_tui.stream.attach.frames import RECORDS, pack
from jem_tui.stream.attach.messages import Join, Ping, Pong, Progress, Refused, Steer, pack_message
from jem_tui.stream.attach.record_decoder import RecordDecoder
from jem_tui.stream.attach.run_log import RunLog
from jem_tui.stream.tfevents import codec
from tests.stream.attach.plain_viewer import OpenRun, PlainViewer, payloads
from tests.stream.stream_events import equal, evaluated, samples, started, stopped
from tests.wait_until import wait_until

AT = {"step": 3, "images": 192, "time": 5.0}


def received(run: OpenRun) -> Command:
    return run.commands.get(timeout=10.0)


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
        viewer.receive_available()
        assert Resumed(**AT) in RecordDecoder().events(viewer.records)


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


@pytest.mark.parametrize(
    "content",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        pack(b"J", b"{}"),
        pack(b"J", b'{"kind":"ping"}'),
        pack(b"J", b'{"kind":"join","protocol":[2,0]}'),
        pack(RECORDS, b"x" * 100),
    ],
)
def test_other_programs_are_refused_and_the_run_continues(run: OpenRun, content: bytes):
    with run.viewer(join=False) as stranger, run.viewer() as viewer:
        stranger.socket.sendall(content)
        if content[4:5] != RECORDS:
            stranger.receive_all()
            assert all(isinstance(message, Refused) for message in stranger.messages)
        run.take_steps(2)
        run.end()
        viewer.receive_all()
        assert viewer.log(run.run_dir) == run.log()


def test_another_version_is_refused_with_a_sentence(run: OpenRun):
    with run.viewer(join=False) as viewer:
        viewer.send(Join(protocol=(2, 0)))
        assert "Use the same version" in str(viewer.await_message(Refused))


def test_connections_that_never_join_are_closed(run: OpenRun, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(door_server, "JOIN_SECONDS", 0.05)
    with run.viewer(join=False) as stranger:
        stranger.receive_all()


def test_there_is_a_maximum_of_viewers(run: OpenRun, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(door_server, "MOST_VIEWERS", 1)
    with run.viewer() as first, run.viewer() as second:
        assert first.hello
        second.receive_all()
        assert "already" in str(second.await_message(Refused))


def test_connections_take_a_share_of_the_files_that_a_process_may_open():
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (200, limits[1]))
    try:
        assert most_connections() == 50
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)


def test_strangers_take_no_more_connections_than_there_may_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    most = 24
    monkeypatch.setattr(connection_limit, "MOST_CONNECTIONS", most)
    run = OpenRun(tmp_path / "run")
    address = run.door.socket
    with ExitStack() as strangers:
        for _ in range(most):
            strangers.enter_context(PlainViewer(address, join=False))
        with PlainViewer(address, join=False) as late:
            late.receive_all()
            assert "as many connections as it accepts" in str(late.await_message(Refused))
        server = run.recorder._door._server
        assert server is not None and most // 2 < len(server.sockets) <= most + 1
    wait_until(lambda: len(server.sockets) == 1, "connections stay open", 10.0)
    with run.viewer() as viewer:
        run.end()
        viewer.receive_all()
        assert viewer.log(run.run_dir) == run.log()


def test_a_flood_of_commands_does_not_fill_the_memory_of_the_run(run: OpenRun):
    flood = pack_message(Steer(command=Reseed(chains=tuple(range(5000))))) * 50
    with run.viewer() as viewer, run.viewer() as other:
        assert viewer.hello and other.hello
        viewer.socket.setblocking(False)
        taken = 0
        until = time.monotonic() + 1.0
        while time.monotonic() < until:
            with suppress(BlockingIOError):
                taken += viewer.socket.send(flood[taken % len(flood) :])
        assert run.commands.qsize() < 10
        other.send(Steer(command=Pause()))
        wait_until(lambda: any(each.command == Pause() for each in drained(run)), "no command of another viewer", 10.0)


def drained(run: OpenRun) -> list[Authored]:
    """Return the commands that have reached the run."""
    return [command for _ in range(run.commands.qsize()) if isinstance(command := run.commands.get(), Authored)]


def test_another_user_is_refused(run: OpenRun, monkeypatch: pytest.MonkeyPatch):
    address = run.door.socket
    monkeypatch.setattr(door_server, "is_own_peer", lambda connection: False)
    with PlainViewer(address, join=False) as viewer:
        viewer.receive_all()
        assert viewer.messages == []


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
