"""The recorder and the door of a watched run, neither of which may end the loop."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable, Iterable
from pathlib import Path

from jem_tui.events.commands import Command
from jem_tui.events.run import Event, Note, RunStarted, Stopped
from jem_tui.stream.attach.attachable_recorder import AttachableRecorder
from jem_tui.stream.attach.door_file import ANNOUNCE_VARIABLE
from jem_tui.stream.writer.recorder import Recorder


class RunOutput:
    """A sink that records each event and passes it to viewers. Only the first event of a run can raise; a later failure ends the recording, not the loop."""

    def __init__(self, run_dir: Path, send: Callable[[Command], None] | None) -> None:
        """Prepare the recording. Commands of viewers are passed to `send`; None keeps other processes out."""
        announce = os.environ.get(ANNOUNCE_VARIABLE)
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
        except Exception as error:
            if isinstance(event, RunStarted):
                raise
            self._failed = True
            traceback.print_exception(error, file=sys.stderr)
            print("jem-tui: The run can no longer be recorded. Training continues without it.", file=sys.stderr)

    def pending_notes(self) -> Iterable[Note]:
        """Return the notes on the recording itself since the last call."""
        return self._record.pending_notes()
