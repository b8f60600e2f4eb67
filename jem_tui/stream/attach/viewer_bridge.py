"""The far end of a connection to a viewer on another machine: it connects two streams of bytes to the door of a run here.

The log of the run is here as well, so the bridge reads it in place of the viewer and sends its past, reduced, as a history frame.
"""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path
from threading import Thread

from jem_tui.events.event import At
from jem_tui.events.run import RunStarted, Stopped
from jem_tui.stream.attach.command_sender import PING_SECONDS
from jem_tui.stream.attach.connect import ByteStream
from jem_tui.stream.attach.door_reader import started_of
from jem_tui.stream.attach.frames import JSON, Frame, FrameParser, pack
from jem_tui.stream.attach.history import pack_history
from jem_tui.stream.attach.lost_run import LostRun, death
from jem_tui.stream.attach.messages import Hello, Message, Pong, Refused, pack_message, parse_message
from jem_tui.stream.attach.run_log import RunLog
from jem_tui.stream.tfevents import codec
from jem_tui.stream.tfevents.records import frame
from jem_tui.version import __version__

_CHECK_SECONDS = 0.2
"""Seconds between two checks whether a run is continued."""


class Bridge:
    """Passes everything between a viewer and a door, and adds a history to each greeting of the door."""

    def __init__(self, viewer: ByteStream, door: ByteStream, log: RunLog) -> None:
        self._viewer = viewer
        self._door = door
        self._log = log

    def run(self) -> None:
        """Pass bytes until either side ends the connection. Raises OSError if the viewer can no longer be reached."""
        Thread(target=self._pass_commands, name="jem-bridge-commands", daemon=True).start()
        parser = FrameParser()
        while data := self._read_door():
            for received in parser.feed(data):
                self._viewer.write(pack(received.kind, received.payload))
                if received.kind == JSON:
                    self._add_history(received)

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

    def _add_history(self, received: Frame) -> None:
        hello = parse_message(received.payload)
        if isinstance(hello, Hello):
            past = self._log.past(started_of(hello), hello.position, paused=hello.paused)
            self._viewer.write(pack_history(past))


def send_ended_run(viewer: ByteStream, run_dir: Path) -> None:
    """Send the recording of a run with its end, once it is known that nothing continues it. Raises OSError."""
    log = RunLog(run_dir)
    lost = LostRun(run_dir, log)
    message: Message = Refused(text=death())
    next_message = time.monotonic()
    while not lost.has_ended():
        if not lost.is_dead:
            return
        if time.monotonic() >= next_message:
            viewer.write(pack_message(message))
            # A viewer takes a silent connection for a lost one
            message, next_message = Pong(), next_message + PING_SECONDS
        time.sleep(_CHECK_SECONDS)
    events = list(lost.last_events(At(0, 0, time.time())))
    started = next((event for event in events if isinstance(event, RunStarted)), None)
    if started is None:
        viewer.write(pack_message(Refused(text=next(event.error for event in events if isinstance(event, Stopped)))))
        return
    hello = Hello(
        program=f"jem-tui {__version__}",
        run_id="ended",
        run_dir=str(run_dir.resolve()),
        position=(),
        started=frame(codec.encode(started).SerializeToString()),
        paused=False,
    )
    viewer.write(pack_message(hello) + pack_history(events))
