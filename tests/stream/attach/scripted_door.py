"""A door whose frames a test writes, at the other end of a pair of sockets."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

from jem_tui.errors import InputError
from jem_tui.events.run import Event, RunStarted
from jem_tui.stream.attach.connect import SocketStream
from jem_tui.stream.attach.frames import RECORDS, Frame, FrameParser, pack
from jem_tui.stream.attach.messages import Hello, LogPosition, Message, pack_message, parse_message
from jem_tui.stream.tfevents import codec
from jem_tui.stream.tfevents.records import frame


def as_record(event: Event) -> bytes:
    """Return an event as the record that the recorder appends."""
    return frame(codec.encode(event).SerializeToString())


def as_records(*events: Event, kind: bytes = RECORDS) -> bytes:
    """Return events as one frame."""
    return pack(kind, b"".join(map(as_record, events)))


def hello(started: RunStarted, position: LogPosition = (), **changes: Any) -> Hello:
    """Return the greeting of a run."""
    known = {"program": "jem-tui", "run_id": "first", "run_dir": "/runs/one", "paused": False}
    return Hello(**{**known, "position": position, "started": as_record(started), **changes})


class ScriptedDoor:
    """The far end of one connection after another; a test decides when there is one."""

    def __init__(self) -> None:
        self.is_open = True
        self._ends: list[socket.socket] = []
        self._parser = FrameParser()
        self.connections = 0

    def connect(self) -> SocketStream:
        """Return a new connection, of which the door holds the other end."""
        if not self.is_open:
            raise InputError("No live run can be joined.")
        near, far = socket.socketpair()
        far.settimeout(10.0)
        self._ends.append(far)
        self._parser = FrameParser()
        self.connections += 1
        return SocketStream(near)

    def send(self, *messages: Message | bytes) -> None:
        """Send messages and frames."""
        data = [each if isinstance(each, bytes) else pack_message(each) for each in messages]
        self._ends[-1].sendall(b"".join(data))

    def received(self, expected: Callable[[Message | None], bool]) -> Message | None:
        """Return the first message of the viewer that is expected; waits for it."""
        while data := self._ends[-1].recv(1 << 16):
            for each in self._parser.feed(data):
                message = _message(each)
                if expected(message):
                    return message
        raise AssertionError("the viewer has closed the connection")

    def drop(self) -> None:
        """Close the connection."""
        self._ends[-1].close()

    def close(self) -> None:
        for end in self._ends:
            end.close()


def _message(each: Frame) -> Message | None:
    return parse_message(each.payload)
