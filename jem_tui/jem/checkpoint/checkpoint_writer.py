"""The checkpoints of a run as it writes them, with an event for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from jem_tui.config.schema import RecordConfig
from jem_tui.errors import JemError
from jem_tui.events.run import At, Event, Note, Saving
from jem_tui.jem.checkpoint.disk_reserve import GROWTH, Reserve, size_of_checkpoint
from jem_tui.jem.checkpoint.save_checkpoint import checkpoints_after, make_room, save_checkpoint, save_on_all_ranks
from jem_tui.jem.checkpoint.sharded_checkpoint import size_of, size_of_sharded
from jem_tui.jem.checkpoint.state_parts import halved
from jem_tui.jem.ranks.ranks import ALONE, Ranks


class CheckpointWriter:
    """Writes `state()` into the run folder as the settings `record` demand; `at` returns the moment of the events.

    With several `ranks`, each has a writer with its own state, and all call the same methods. Rank 0 reserves, frees and deletes files for
    all ranks; events and errors are equal on all ranks.
    """

    def __init__(
        self,
        run_dir: Path,
        record: RecordConfig,
        state: Callable[[], dict[str, Any]],
        at: Callable[[], At],
        ranks: Ranks = ALONE,
    ) -> None:
        self._run_dir = run_dir
        self._keep = record.keep_checkpoints
        self._state = (lambda: halved(state())) if record.half_precision else state
        self._at = at
        self._ranks = ranks
        self._reserve = Reserve(run_dir)
        self._has_reserved = False

    def reserve_once(self) -> Iterator[Note]:
        """Reserve disk space for a checkpoint, or warn that the disk has none; to be called after the first step.

        The optimizer has no state before its first step, and a checkpoint's size cannot be known.
        """
        if self._has_reserved:
            return
        self._has_reserved = True
        state = self._state()
        size = size_of_sharded(state, self._ranks) if self._ranks.size > 1 else size_of_checkpoint(state)
        if not self._ranks.all(self._ranks.rank > 0 or self._can_reserve(size)):
            text = (
                f"The disk of {self._run_dir} has no space for a checkpoint of {size / 1e6:,.0f} MB, so the run cannot be saved. "
                "Free some space before it ends."
            )
            yield Note(**self._at().fields(), text=text, kind="warning")

    def close(self) -> None:
        """Release the reserved space, so that the last files can be written."""
        self._reserve.release()

    def save(self, step: int) -> Iterator[Event]:
        """Write a checkpoint and keep the newest ones. Raises JemError."""
        yield Saving(**self._at().fields())
        yield self._save(step)

    def try_to_save(self, step: int) -> Iterator[Event]:
        """Write a checkpoint, or yield a warning if that fails, because a full disk must not end the training run."""
        yield Saving(**self._at().fields())
        yield self._try_to_save(step)

    def replace_void(self, step: int) -> Iterator[Note]:
        """Replace the checkpoints of void steps after `step` by one of `step`, because a run resumes from its newest checkpoint."""
        if self._ranks.any(self._ranks.rank == 0 and bool(checkpoints_after(self._run_dir, step))):
            yield self._try_to_save(step)

    def _save(self, step: int) -> Note:
        if self._ranks.size > 1:
            path = save_on_all_ranks(self._run_dir, step, self._state, self._keep, self._ranks, self._reserve)
        else:
            path = save_checkpoint(self._run_dir, step, self._state(), self._keep, self._reserve)
        if self._ranks.rank == 0:
            self._hold_room(path)
        return Note(**self._at().fields(), text=f"checkpoint saved: {path.name}", kind="checkpoint", path=str(path))

    def _can_reserve(self, size: int) -> bool:
        """Reserve space for two checkpoints, else for one; return whether the disk has it, true if that is unknown."""
        # The first checkpoint uses half of the reserve and leaves the other half for the second one.
        with suppress(OSError):
            return self._reserve.try_to_hold(2 * size) or self._reserve.try_to_hold(size)
        return True

    def _hold_room(self, path: Path) -> None:
        """Reserve space for the next checkpoint; on a full disk, checkpoints older than `path` are deleted first."""
        with suppress(OSError):
            size = size_of(path)
            while not self._reserve.hold_most(size, size + GROWTH) and make_room(self._run_dir):
                pass

    def _try_to_save(self, step: int) -> Note:
        try:
            return self._save(step)
        except JemError as error:
            return Note(**self._at().fields(), text=str(error), kind="warning")
