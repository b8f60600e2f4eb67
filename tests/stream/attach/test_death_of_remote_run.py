"""A viewer on another machine whose run dies: the bridge reports the death, and sends the recording once nothing has resumed it."""

from __future__ import annotations

import socket
from contextlib import suppress
from pathlib import Path
from threading import Thread

import pytest

from jem_tui.events.event import Event
from jem_tui.events.run import Note, RunStarted
from jem_tui.events.viewing import Connection
from jem_tui.stream.attach import lost_run, viewer_bridge
from jem_tui.stream.attach.connect import SocketStream
from jem_tui.stream.attach.frames import FrameParser
from jem_tui.stream.attach.history import pack_history, read_history
from jem_tui.stream.attach.messages import Pong, Refused, pack_message, parse_message
from jem_tui.stream.attach.viewer import Viewer
from jem_tui.stream.attach.viewer_bridge import send_ended_run
from tests.stream.attach.scripted_door import hello
from tests.stream.stream_events import record, samples, started, step_done
from tests.wait_until import wait_until

START = started(total_steps=100)


class DyingRun:
    """A run that has died after its first greeting; a bridge answers every later connection."""

    def __init__(self, run_dir: Path) -> None:
        self.connections = 0
        self._run_dir = run_dir

    def connect(self) -> SocketStream:
        near, far = socket.socketpair()
        self.connections += 1
        Thread(target=self._answer, args=(far, self.connections == 1), daemon=True).start()
        return SocketStream(near)

    def _answer(self, far: socket.socket, lives: bool) -> None:
        with suppress(OSError), far:
            if lives:
                assert far.recv(1 << 16)
                far.sendall(pack_message(hello(START)) + pack_history([step_done(1)]))
            else:
                send_ended_run(SocketStream(far), self._run_dir)


def followed(run: DyingRun) -> list[Event]:
    """Return everything that a viewer on another machine emits about a run that has died."""
    viewer, events = Viewer(run.connect, None, read_history=read_history), list[Event]()
    viewer.start()

    def has_ended() -> bool:
        events.extend(viewer.received())
        return viewer.ended is not None

    wait_until(has_ended, lambda: events)
    events.extend(viewer.received())
    assert viewer.ended is not None and viewer.close(5.0)
    return [*events, viewer.ended]


def test_the_death_is_reported_until_the_recording_arrives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(lost_run, "PATIENCE", 0.3)
    monkeypatch.setattr(viewer_bridge, "_CHECK_SECONDS", 0.02)
    run = DyingRun(record(tmp_path / "run", [START, step_done(1), samples(1), step_done(2)]))
    events = followed(run)
    assert run.connections == 2
    lost = [event.text for event in events if isinstance(event, Connection) and not event.connected]
    assert lost[0] == "No connection: the run has closed the connection. The viewer reconnects automatically."
    assert lost[1:] == [lost_run.death()] and "Resume it within" in lost[1]
    assert sum(isinstance(event, RunStarted) for event in events) == 2
    assert not [event for event in events if isinstance(event, Note)]
    ended = events[-1]
    assert ended.reason == "interrupted" and ended.step == 2  # type: ignore[attr-defined]
    assert "ended without recording its end. Resume it with jem-tui train --resume" in ended.error  # type: ignore[attr-defined]


def test_a_bridge_is_never_silent_and_leaves_a_run_that_was_resumed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(viewer_bridge, "_CHECK_SECONDS", 0.0)
    monkeypatch.setattr(viewer_bridge, "PING_SECONDS", 0.0)
    alive = iter([False, False, False, True])
    monkeypatch.setattr(lost_run, "is_alive", lambda run_dir: next(alive))
    near, far = socket.socketpair()
    with near, far:
        send_ended_run(SocketStream(far), record(tmp_path / "run", [START, step_done(1)]))
        assert next(alive, None) is None
        sent = [parse_message(each.payload) for each in FrameParser().feed(near.recv(1 << 16))]
        assert sent == [Refused(text=lost_run.death()), Pong(), Pong()]
