"""Checkpoints as a run writes them, with what is told of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from jem_tui.errors import JemError
from jem_tui.events import Event, Note, Saving
from jem_tui.jem.checkpoint import checkpoints_after, save_checkpoint


class Checkpoints:
    """Writes `state()` into the run folder and keeps the newest `keep`; `where` gives step, images and time of the notes."""

    def __init__(
        self, run_dir: Path, keep: int, state: Callable[[], dict[str, Any]], where: Callable[[], dict[str, Any]]
    ) -> None:
        self._run_dir = run_dir
        self._keep = keep
        self._state = state
        self._where = where

    def save(self, step: int) -> Iterator[Event]:
        """Write a checkpoint and keep the newest ones; raises JemError."""
        yield Saving(**self._where())
        yield self._save(step)

    def try_to_save(self, step: int) -> Iterator[Event]:
        """Save, or say why that failed: a full disk must not end the training."""
        yield Saving(**self._where())
        yield self._try_to_save(step)

    def replace_void(self, step: int) -> Iterator[Note]:
        """Checkpoints of void steps, beyond `step`, would be the newest; one of this step takes their place."""
        void = checkpoints_after(self._run_dir, step)
        if void:
            note = self._try_to_save(step, spare=len(void))
            for path in void if note.kind == "checkpoint" else ():
                path.unlink(missing_ok=True)
            yield note

    def _save(self, step: int, spare: int = 0) -> Note:
        """Keep `spare` checkpoints more than usual."""
        path = save_checkpoint(self._run_dir, step, self._state(), self._keep + spare)
        return Note(**self._where(), text=f"checkpoint saved: {path.name}", kind="checkpoint", path=str(path))

    def _try_to_save(self, step: int, spare: int = 0) -> Note:
        try:
            return self._save(step, spare)
        except JemError as error:
            return Note(**self._where(), text=str(error), kind="warning")
