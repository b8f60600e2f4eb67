"""The recorder and the door of a watched run, neither of which may end the loop."""

from __future__ import annotations

import os
import shlex
import sys
import traceback
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from jem_tui.events.commands import Command
from jem_tui.events.run import Event, Note, RunStarted, Stopped
from jem_tui.printable import printable
from jem_tui.stream.attach.attachable_recorder import AttachableRecorder
from jem_tui.stream.attach.door_file import ANNOUNCE_VARIABLE
from jem_tui.stream.writer.recorder import Recorder


class RunOutput:
    """A sink that records each event and passes it to viewers. Only the first event of a run can raise; a later failure ends the recording, not the loop."""

    def __init__(self, run_dir: Path, send: Callable[[Command], None] | None, *, quiet: bool = False) -> None:
        """Prepare the recording. Commands of viewers are passed to `send`; None keeps other processes out.

        The start prints a line that names the run folder, except if `quiet` or in a script of `jem-tui watch`.
        """
        announce = os.environ.get(ANNOUNCE_VARIABLE)
        self._first_line = "" if quiet or announce else _first_line(run_dir, attachable=send is not None)
        self._record = (
            Recorder(run_dir, sys.argv)
            if send is None
            else AttachableRecorder(run_dir, sys.argv, send, Path(announce) if announce else None)
        )
        self._failed = False

    def __call__(self, event: Event) -> None:
        """Record an event; after a failure only the end of the run. Raises JemError if a run cannot be begun in its folder."""
        if self._failed and not isinstance(event, Stopped):
            return
        try:
            self._record(event)
            self._print_first_line()
        except Exception as error:
            if isinstance(event, RunStarted):
                raise
            self._failed = True
            traceback.print_exception(error, file=sys.stderr)
            print("jem-tui: The run can no longer be recorded. Training continues without it.", file=sys.stderr)

    def _print_first_line(self) -> None:
        text, self._first_line = self._first_line, ""
        # A program may have closed its stderr
        if text and sys.stderr is not None:
            with suppress(OSError, ValueError):
                print(text, file=sys.stderr, flush=True)

    def pending_notes(self) -> Iterable[Note]:
        """Return the notes on the recording itself since the last call."""
        return self._record.pending_notes()


def _first_line(run_dir: Path, *, attachable: bool) -> str:
    """Return where the run is recorded, and the command that displays it; the path is relative below the working folder."""
    shown = run_dir
    # The working folder may have been removed, and the run folder be elsewhere
    with suppress(OSError, ValueError):
        shown = run_dir.relative_to(Path.cwd())
    command = shlex.join(["jem-tui", "attach" if attachable else "replay", str(shown)])
    return f"jem-tui: recording to {printable(str(shown))} · {printable(command)}"
