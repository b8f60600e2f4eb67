"""`jem-tui bridge`: the far end of `jem-tui attach` from another machine."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jem_tui.cli.process_setup import limit_threads_of_numpy
from jem_tui.errors import InputError

if TYPE_CHECKING:
    from jem_tui.stream.attach.door_file import DoorFile

AT_ONCE = 1 << 18
"""Maximum bytes of one read."""

Run = Annotated[
    str,
    typer.Argument(
        metavar="RUN",
        help="Run folder, or name of a run below ./runs (default: the only live run of this machine).",
        show_default=False,
    ),
]


Rejoin = Annotated[
    bool,
    typer.Option("--rejoin", help="Send the recording of a run that has ended, to a viewer that was attached to it."),
]


def bridge(run: Run = "", rejoin: Rejoin = False) -> None:
    """Connect stdin and stdout to a live run of this machine. `jem-tui attach` starts this command on the machine of the run."""
    limit_threads_of_numpy()
    if sys.stdin.isatty():
        raise InputError(
            "jem-tui bridge is started by jem-tui attach and cannot be used on a terminal.",
            "To watch a run of this machine, use jem-tui attach.",
        )
    try:
        join(run, rejoin=rejoin)
    except BrokenPipeError:
        # The viewer has ended; the exit code has no reader
        raise typer.Exit from None


def join(run: str, *, rejoin: bool) -> None:
    """Serve a live run, or the recording of one that has ended. Raises InputError if there is neither, and OSError."""
    from jem_tui.cli.select_live_run import run_folder, select_live_run

    try:
        door = select_live_run(run)
    except InputError:
        if not (rejoin and run):
            raise
        folder = run_folder(run)
        answer()
        send_recording(folder)
    else:
        answer()
        connect(door)


def answer() -> None:
    """Write the first bytes, which state that no password will be asked, before slow imports. Raises OSError."""
    from jem_tui.stream.attach.messages import Pong, pack_message

    StandardStreams().write(pack_message(Pong()))


def connect(door: DoorFile) -> None:
    """Pass bytes between the standard streams and the door of a run until either side ends. Raises OSError."""
    from jem_tui.stream.attach.connect import connect_socket
    from jem_tui.stream.attach.run_log import RunLog
    from jem_tui.stream.attach.viewer_bridge import Bridge

    stream = connect_socket(Path(door.socket))
    try:
        Bridge(StandardStreams(), stream, RunLog(Path(door.run_dir))).run()
    finally:
        stream.close()


def send_recording(run_dir: Path) -> None:
    """Write the recording of a run that has ended to stdout. Raises OSError."""
    from jem_tui.stream.attach.viewer_bridge import send_ended_run

    send_ended_run(StandardStreams(), run_dir)


class StandardStreams:
    """Stdin and stdout as one connection, past the buffers of Python."""

    def read(self) -> bytes:
        return os.read(0, AT_ONCE)

    def write(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(1, rest) :]

    def end(self) -> None:
        """Leave both streams open; the end of the process ends them."""

    def close(self) -> None:
        """Leave both streams open; the end of the process closes them."""

    def end_cause(self) -> str:
        return ""
