"""The recorder of a run on the screen, whose modules are imported after the first frame."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jem_tui.events.commands import Command
    from jem_tui.events.run import Event, Note
    from jem_tui.stream.attach.attachable_recorder import AttachableRecorder
    from jem_tui.stream.writer.recorder import Recorder


class LateRecorder:
    """A recorder that is imported with its first event, after the first frame of the screen."""

    def __init__(self, run_dir: Path, send: Callable[[Command], None] | None) -> None:
        """Prepare a recording. Commands of other processes are passed to `send`; None keeps other processes out."""
        self._run_dir = run_dir
        self._send = send
        self._recorder: Recorder | AttachableRecorder | None = None

    def __call__(self, event: Event) -> None:
        if self._recorder is None:
            self._recorder = self._open()
        self._recorder(event)

    def pending_notes(self) -> list[Note]:
        """Return the notes about the recording itself."""
        return self._recorder.pending_notes() if self._recorder is not None else []

    def abandon(self) -> None:
        """Mark the run as interrupted because the process ends at once."""
        if self._recorder is not None:
            self._recorder.abandon()

    def _open(self) -> Recorder | AttachableRecorder:
        if self._send is not None:
            from jem_tui.stream.attach.attachable_recorder import AttachableRecorder

            return AttachableRecorder(self._run_dir, sys.argv, self._send)
        from jem_tui.stream.writer.recorder import Recorder

        return Recorder(self._run_dir, sys.argv)

    @property
    def loss_summary(self) -> str:
        """Summary of the events that could not be recorded."""
        return self._recorder.loss_summary if self._recorder is not None else ""
