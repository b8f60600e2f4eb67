"""A recorder with a door."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from jem_tui.events.commands import Command
from jem_tui.events.run import Event, Note
from jem_tui.stream.attach.door import Door
from jem_tui.stream.fan_out import fan_out
from jem_tui.stream.writer.recorder import Recorder


class AttachableRecorder:
    """A sink that records a run, and lets other processes watch and steer it. Raises what `Recorder` raises."""

    def __init__(
        self, run_dir: Path, argv: Sequence[str], send: Callable[[Command], None], announce: Path | None = None
    ) -> None:
        """Prepare the recording. Commands of viewers are passed to `send`, which any thread may call.

        The address of the door is also written to the file `announce`.
        """
        self._door = Door(run_dir, send, announce)
        self._recorder = Recorder(run_dir, argv, tap=self._door)
        self._forward = fan_out(self._recorder, self._door)

    def __call__(self, event: Event) -> None:
        self._forward(event)

    @property
    def loss_summary(self) -> str:
        """A sentence on what the recording lacks because writes failed; "" if no write has failed."""
        return self._recorder.loss_summary

    def pending_notes(self) -> list[Note]:
        """Return the notes on the recording and on the door since the last call."""
        return [*self._recorder.pending_notes(), *self._door.pending_notes()]

    def abandon(self) -> None:
        """Mark the run as interrupted and remove its address, for a process that exits at once."""
        self._door.abandon()
        self._recorder.abandon()
