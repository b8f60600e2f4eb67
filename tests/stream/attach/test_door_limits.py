"""Connections that a door refuses or limits."""

from __future__ import annotations

import resource
import time
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from jem_tui.events.commands import Authored, Pause, Reseed
from jem_tui.stream.attach import connection_limit, door_server
from jem_tui.stream.attach.connection_limit import most_connections
from jem_tui.stream.attach.frames import RECORDS, pack
from jem_tui.stream.attach.messages import Join, Refused, Steer, pack_message
from tests.stream.attach.plain_viewer import OpenRun, PlainViewer
from tests.wait_until import wait_until


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
        assert viewer.hello
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
    wait_until(lambda: len(server.sockets) == 1, "connections stay open")
    with run.viewer() as viewer:
        assert viewer.hello
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
        wait_until(lambda: any(each.command == Pause() for each in drained(run)), "no command of another viewer")


def drained(run: OpenRun) -> list[Authored]:
    """Return the commands that have reached the run."""
    return [command for _ in range(run.commands.qsize()) if isinstance(command := run.commands.get(), Authored)]


def test_another_user_is_refused(run: OpenRun, monkeypatch: pytest.MonkeyPatch):
    address = run.door.socket
    monkeypatch.setattr(door_server, "is_own_peer", lambda connection: False)
    with PlainViewer(address, join=False) as viewer:
        viewer.receive_all()
        assert viewer.messages == []
