"""The sink of a watched run, which must not end the loop."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterable
from pathlib import Path

from jem_tui.events.run import Event, Note, RunStarted, Stopped
from jem_tui.stream.writer.recorder import Recorder


class RunOutput:
    """A sink that records each event. Only the first event of a run can raise; a later failure ends the recording, not the loop."""

    def __init__(self, run_dir: Path) -> None:
        self._record = Recorder(run_dir, sys.argv)
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
