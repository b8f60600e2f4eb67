"""A viewer of the bare protocol, and a run with a door whose events are made by the test."""

from __future__ import annotations

import socket
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Self

from tensorboard.compat.proto import event_pb2

from jem_tui.events.commands import Command
from jem_tui.events.run import Event, Stopped
from jem_tui.stream.attach.attachable_recorder import AttachableRecorder
from jem_tui.stream.attach.door_file import DoorFile, read_door
from jem_tui.stream.attach.frames import JSON, RECORDS, UNRECORDED, Frame, FrameParser
from jem_tui.stream.attach.messages import Hello, Join, Message, pack_message, parse_message
from jem_tui.stream.tfevents.records import Damage, some_records
from tests.stream.stream_events import started, step_done, stopped
from tests.wait_until import PATIENCE, wait_until


class PlainViewer:
    """A connection to a door that keeps every frame it has received."""

    def __init__(self, address: str, join: bool = True, author: str = "alice@laptop", view_only: bool = False) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(PATIENCE)
        self.socket.connect(address)
        self.messages: list[Message | None] = []
        self.records = b""
        """Records since the newest `Hello`."""
        self.unrecorded: list[bytes] = []
        self.ended = False
        self._parser = FrameParser()
        self._hello: Hello | None = None
        if join:
            self.send(Join(author=author, view_only=view_only))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.socket.close()

    def send(self, *messages: Message) -> None:
        self.socket.sendall(b"".join(map(pack_message, messages)))

    def receive(self) -> None:
        """Wait for the next bytes, and keep their frames."""
        try:
            data = self.socket.recv(1 << 20)
        except ConnectionResetError:
            data = b""
        self.ended = not data
        for frame in self._parser.feed(data):
            self._keep(frame)

    def receive_available(self) -> None:
        """Receive until nothing arrives for a tenth of a second."""
        self.socket.settimeout(0.1)
        with suppress(TimeoutError):
            while not self.ended:
                self.receive()
        self.socket.settimeout(PATIENCE)

    def receive_second_hello(self) -> None:
        """Receive until the door has greeted this viewer again."""
        while not self.hello.again:
            assert not self.ended, "the door has closed the connection without a second greeting"
            self.receive()

    def receive_all(self) -> None:
        """Receive until the door closes the connection."""
        while not self.ended:
            self.receive()

    def await_message(self, kind: type[Message]) -> Message:
        """Receive until a message of this kind has arrived, and return it."""
        while True:
            found = [message for message in self.messages if isinstance(message, kind)]
            if found:
                self.messages.remove(found[0])
                return found[0]
            assert not self.ended, f"the door has closed the connection before {kind}"
            self.receive()

    def await_samples(self) -> bytes:
        """Receive until requested samples have arrived, and return their record."""
        while not self.unrecorded:
            assert not self.ended, "the door has closed the connection without samples"
            self.receive()
        return self.unrecorded.pop(0)

    @property
    def hello(self) -> Hello:
        """The newest greeting, which is awaited if there is none."""
        while self._hello is None:
            assert not self.ended, "the door has closed the connection without a greeting"
            self.receive()
        return self._hello

    def log(self, run_dir: Path) -> list[bytes]:
        """Return the records of the log up to the position of the newest greeting, and those received since."""
        parts = [(run_dir / name).read_bytes()[:size] for name, size in self.hello.position]
        return payloads(b"".join(parts) + self.records)

    def _keep(self, frame: Frame) -> None:
        if frame.kind == JSON:
            message = parse_message(frame.payload)
            if isinstance(message, Hello):
                self._hello, self.records = message, b""
            else:
                self.messages.append(message)
        elif frame.kind == RECORDS:
            self.records += frame.payload
        elif frame.kind == UNRECORDED:
            self.unrecorded.append(frame.payload)


class OpenRun:
    """A recorded run with a door, which lasts until `end`."""

    def __init__(self, run_dir: Path, **changes: Any) -> None:
        """Open a run whose `RunStarted` has these `changes`."""
        self.run_dir = run_dir
        self.commands: SimpleQueue[Command] = SimpleQueue()
        self.recorder = AttachableRecorder(run_dir, ["jem-tui", "train"], self.commands.put)
        self._step = 0
        self.emit(started(total_steps=100, **changes))
        wait_until(lambda: read_door(run_dir) is not None, "the door does not open")

    @property
    def serves(self) -> bool:
        """True while the thread of the door is running."""
        thread = self.recorder._door._thread
        return thread is not None and thread.is_alive()

    @property
    def door(self) -> DoorFile:
        found = read_door(self.run_dir)
        assert found is not None
        return found

    def emit(self, *events: Event) -> None:
        for event in events:
            self.recorder(event)

    def take_steps(self, count: int = 1) -> None:
        for _ in range(count):
            self._step += 1
            self.emit(step_done(self._step))

    def end(self, **changes: str) -> Stopped:
        ending = stopped(self._step, **changes)
        self.emit(ending)
        return ending

    def viewer(self, **options: bool | str) -> PlainViewer:
        return PlainViewer(self.door.socket, **options)  # type: ignore[arg-type]

    def log(self) -> list[bytes]:
        """Return the records of all event files in the order of their names."""
        return payloads(b"".join(path.read_bytes() for path in sorted(self.run_dir.glob("*tfevents*"))))


def payloads(records: bytes) -> list[bytes]:
    """Return the payloads of records, except the one that names the version of the format."""
    damage = Damage()
    found, _ = some_records(BytesIO(records), len(records), damage, len(records))
    assert not damage and not damage.truncated_files
    return [record.payload for record in found if not event_pb2.Event.FromString(record.payload).file_version]
