"""The far end of a connection to a viewer on another machine: it connects two streams of bytes to the door of a run here.

The log of the run is here as well, so the bridge reads it in place of the viewer and sends its past, reduced, as a history frame.
"""

from __future__ import annotations

from contextlib import suppress
from threading import Thread

from jem_tui.stream.attach.catch_up import RunLog
from jem_tui.stream.attach.connect import ByteStream
from jem_tui.stream.attach.door_reader import started_of
from jem_tui.stream.attach.frames import JSON, Frame, FrameParser, pack
from jem_tui.stream.attach.history import pack_history
from jem_tui.stream.attach.messages import Hello, Pong, pack_message, parse_message


class Bridge:
    """Passes everything between a viewer and a door, and adds a history to each greeting of the door."""

    def __init__(self, viewer: ByteStream, door: ByteStream, log: RunLog) -> None:
        self._viewer = viewer
        self._door = door
        self._log = log

    def run(self) -> None:
        """Pass bytes until either side ends the connection. Raises OSError if the viewer can no longer be reached."""
        # A first answer, so that the viewer knows that no password is asked any more
        self._viewer.write(pack_message(Pong()))
        Thread(target=self._pass_commands, name="jem-bridge-commands", daemon=True).start()
        parser = FrameParser()
        while data := self._read_door():
            for frame in parser.feed(data):
                self._viewer.write(pack(frame.kind, frame.payload))
                if frame.kind == JSON:
                    self._add_history(frame)

    def _read_door(self) -> bytes:
        """Read from the door; the end of the viewer's stream closes the door, which ends this read."""
        try:
            return self._door.read()
        except OSError:
            return b""

    def _pass_commands(self) -> None:
        with suppress(OSError):
            while data := self._viewer.read():
                self._door.write(data)
        self._door.end()

    def _add_history(self, frame: Frame) -> None:
        hello = parse_message(frame.payload)
        if isinstance(hello, Hello):
            past = self._log.past(started_of(hello), hello.position, paused=hello.paused)
            self._viewer.write(pack_history(past))
