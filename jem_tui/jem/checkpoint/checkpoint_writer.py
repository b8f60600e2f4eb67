"""Checkpoints as a run writes them, with what is told of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from jem_tui.errors import JemError
from jem_tui.events.run import At, Event, Note, Saving
from jem_tui.jem.checkpoint.checkpoint import checkpoints_after, make_room, save_checkpoint
from jem_tui.jem.checkpoint.disk_reserve import GROWTH, Reserve, size_of_checkpoint


class Checkpoints:
    """Writes `state()` into the run folder and keeps the newest `keep`; `at` returns the moment of its notes."""

    def __init__(self, run_dir: Path, keep: int, state: Callable[[], dict[str, Any]], at: Callable[[], At]) -> None:
        self._run_dir = run_dir
        self._keep = keep
        self._state = state
        self._at = at
        self._reserve = Reserve(run_dir)
        self._has_reserved = False

    def reserve_once(self) -> Iterator[Note]:
        """Hold room for a checkpoint from now on, or say that the disk has none. Before its first step an optimizer has no state."""
        if self._has_reserved:
            return
        self._has_reserved = True
        size = size_of_checkpoint(self._state())
        with suppress(OSError):
            # The first checkpoint takes half of the room and leaves the other half for the second one.
            if not (self._reserve.try_to_hold(2 * size) or self._reserve.try_to_hold(size)):
                text = f"The disk of {self._run_dir} has no room for a checkpoint of {size / 1e6:,.0f} MB: free some, or the run is lost at its end."
                yield Note(**self._at().fields(), text=text, kind="warning")

    def close(self) -> None:
        """Give the reserved room to what is written last."""
        self._reserve.release()

    def save(self, step: int) -> Iterator[Event]:
        """Write a checkpoint and keep the newest ones; raises JemError."""
        yield Saving(**self._at().fields())
        yield self._save(step)

    def try_to_save(self, step: int) -> Iterator[Event]:
        """Save, or say why that failed: a full disk must not end the training."""
        yield Saving(**self._at().fields())
        yield self._try_to_save(step)

    def replace_void(self, step: int) -> Iterator[Note]:
        """Checkpoints of void steps, beyond `step`, would be the newest; one of this step takes their place."""
        if checkpoints_after(self._run_dir, step):
            yield self._try_to_save(step)

    def _save(self, step: int) -> Note:
        path = save_checkpoint(self._run_dir, step, self._state(), self._keep, self._reserve)
        self._hold_room(path)
        return Note(**self._at().fields(), text=f"checkpoint saved: {path.name}", kind="checkpoint", path=str(path))

    def _hold_room(self, path: Path) -> None:
        """Hold room for the next checkpoint, which is more worth than the ones before `path`: on a full disk they make room."""
        with suppress(OSError):
            size = path.stat().st_size
            while not self._reserve.hold_most(size, size + GROWTH) and make_room(self._run_dir):
                pass

    def _try_to_save(self, step: int) -> Note:
        try:
            return self._save(step)
        except JemError as error:
            return Note(**self._at().fields(), text=str(error), kind="warning")
