"""Writing of checkpoints, the complete state of a run: one process writes a file, several ranks a folder. None is left half-written."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import torch

from jem_tui.atomic_file import NO_ROOM, clear_unfinished, remove_whole, replace_by_parts
from jem_tui.errors import JemError
from jem_tui.jem.checkpoint.disk_reserve import Reserve
from jem_tui.jem.checkpoint.on_all_ranks import FailedOnRanksError
from jem_tui.jem.checkpoint.sharded_checkpoint import check_sharded, write_sharded
from jem_tui.jem.checkpoint.zip_digest import check_digest, with_digest
from jem_tui.jem.ranks.ranks import Ranks
from jem_tui.regular_file import open_regular
from jem_tui.run_files import CHECKPOINT_PATTERN, checkpoint_path, checkpoint_step, sorted_checkpoints


def save_checkpoint(run_dir: Path, step: int, state: dict[str, Any], keep: int, reserve: Reserve | None = None) -> Path:
    """Write `checkpoints/step_000500.pt` and keep the newest `keep` checkpoints up to this step. Raises JemError.

    On a full disk, space is freed by releasing the reserve first, then by deleting old checkpoints one at a time.
    """
    path = checkpoint_path(run_dir, step)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        clear_unfinished(path.parent, CHECKPOINT_PATTERN)
        content = _archive(path, state)
        while True:
            try:
                replace_by_parts(path, with_digest(content))
                break
            except OSError as error:
                if error.errno not in NO_ROOM or not make_room(run_dir, reserve):
                    raise
    except OSError as error:
        raise JemError(
            f"Cannot write the checkpoint {path}: {error.strerror}.", "Free some space or choose another --run-dir."
        ) from None
    delete_others(run_dir, path, keep)
    return path


def save_on_all_ranks(
    run_dir: Path, step: int, state: Callable[[], dict[str, Any]], keep: int, ranks: Ranks, reserve: Reserve
) -> Path:
    """Write the folder `checkpoints/step_000500` with all ranks, each with its own `state`, and keep the newest `keep` checkpoints.

    Old checkpoints, the reserve and a full disk are treated as in `save_checkpoint`, by rank 0. Raises JemError on all ranks if
    any of them fails.
    """
    path = checkpoint_path(run_dir, step, ranks.size)

    def freed(failed: FailedOnRanksError) -> bool:
        if any(failure.errno not in NO_ROOM for failure in failed.failures):
            return False
        room = False
        with suppress(OSError):
            room = ranks.rank == 0 and make_room(run_dir, reserve)
        return ranks.any(room)

    try:
        write_sharded(path, state, ranks, freed)
    except FailedOnRanksError as failed:
        failure = failed.failures[0]
        hint = "Free some space or choose another --run-dir." if failure.errno else failure.hint
        raise JemError(
            f"Cannot write the checkpoint {path} of {ranks.size} ranks: {failure.text} on rank {failure.rank}.", hint
        ) from None
    if ranks.rank == 0:
        delete_others(run_dir, path, keep)
    return path


def _archive(path: Path, state: dict[str, Any]) -> memoryview:
    """Return a state as the content of the checkpoint at `path`. Raises JemError where that does not fit into memory.

    torch reports exhausted memory in its writer as an archive with an unexpected position.
    """
    content = io.BytesIO()
    try:
        torch.save(state, content)
    except (MemoryError, RuntimeError) as error:
        cause = str(error).strip().splitlines()[:1] or ["out of memory"]
        text = f"Cannot create the checkpoint {path}: {cause[0].rstrip('.')}."
        raise JemError(text, "Free some memory, or lower -s buffer.size in a new run.") from None
    return content.getbuffer()


def delete_others(run_dir: Path, saved: Path, keep: int) -> None:
    """Delete void checkpoints (later than `saved`, or another of its step), and all but the newest `keep` of the rest."""
    step = checkpoint_step(saved)
    found = [path for path in sorted_checkpoints(run_dir) if checkpoint_step(path) < step or path == saved]
    for path in set(sorted_checkpoints(run_dir)) - set(found[-keep:]):
        with suppress(OSError):
            delete(path)


def delete(path: Path) -> None:
    """Delete a checkpoint. Raises OSError, also if a folder has the name of a checkpoint file."""
    if path.suffix == ".pt":
        path.unlink(missing_ok=True)
    else:
        remove_whole(path)


def make_room(run_dir: Path, reserve: Reserve | None = None) -> bool:
    """Release the reserve, else delete the oldest checkpoint but never the newest intact one; return whether anything was freed."""
    if reserve is not None and reserve.release():
        return True
    found = sorted_checkpoints(run_dir)
    newest_intact = next(filter(_is_intact, reversed(found)), None)
    if newest_intact is None or len(found) == 1:
        return False
    delete(next(path for path in found if path != newest_intact))
    return True


def _is_intact(path: Path) -> bool:
    try:
        if path.is_dir():
            check_sharded(path)
        else:
            with open_regular(path) as file:
                check_digest(file)
    except Exception:
        return False
    return True


def checkpoints_after(run_dir: Path, step: int) -> list[Path]:
    """Return the checkpoints of a run that are later than an optimizer step."""
    return [path for path in sorted_checkpoints(run_dir) if checkpoint_step(path) > step]
