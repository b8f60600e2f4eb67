"""Everything that a run needs to go on as if it had not stopped, in one file that is never half-written."""

from __future__ import annotations

import io
import warnings
from contextlib import suppress
from pathlib import Path
from typing import Any

import torch

from jem_tui.atomic_file import NO_ROOM, clear_unfinished, replace_by_parts
from jem_tui.errors import InputError, JemError
from jem_tui.jem.checkpoint.disk_reserve import Reserve
from jem_tui.jem.checkpoint.zip_digest import check_digest, with_digest
from jem_tui.regular_file import open_regular
from jem_tui.run_files import (
    CHECKPOINT_FOLDER,
    CHECKPOINT_PATTERN,
    checkpoint_path,
    checkpoint_step,
    sorted_checkpoints,
)

MISFIT = (LookupError, RuntimeError, ValueError, TypeError, AttributeError, ArithmeticError)
"""Errors of a state that is put into a network, buffer or trainer of other settings."""


def save_checkpoint(run_dir: Path, step: int, state: dict[str, Any], keep: int, reserve: Reserve | None = None) -> Path:
    """Write `checkpoints/step_000500.pt` and keep only the newest `keep` checkpoints up to this step. Raises JemError if it cannot be written.

    On a full disk the reserve makes room for the new checkpoint, then one old checkpoint after another.
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
    _forget_others(run_dir, step, keep)
    return path


def _archive(path: Path, state: dict[str, Any]) -> memoryview:
    """Return a state as the content of the checkpoint at `path`. Raises JemError where that does not fit into memory.

    torch's writer reports memory that ran out as an archive with an unexpected position.
    """
    content = io.BytesIO()
    try:
        torch.save(state, content)
    except (MemoryError, RuntimeError) as error:
        cause = str(error).strip().splitlines()[:1] or ["memory ran out"]
        text = f"Cannot put the checkpoint {path} together: {cause[0].rstrip('.')}."
        raise JemError(text, "Free some memory, or lower -s buffer.size in a new run.") from None
    return content.getbuffer()


def _forget_others(run_dir: Path, step: int, keep: int) -> None:
    """Delete checkpoints beyond `step`, which the run has left behind, and all but the newest `keep` of the rest."""
    found, void = sorted_checkpoints(run_dir), checkpoints_after(run_dir, step)
    kept = found[: len(found) - len(void)][-keep:]
    for path in found:
        if path not in kept:
            with suppress(OSError):
                path.unlink(missing_ok=True)


def make_room(run_dir: Path, reserve: Reserve | None = None) -> bool:
    """Give up the reserve, else the oldest checkpoint that is not the newest whole one; return whether there was any."""
    if reserve is not None and reserve.release():
        return True
    found = sorted_checkpoints(run_dir)
    newest_whole = next(filter(_is_whole, reversed(found)), None)
    if newest_whole is None or len(found) == 1:
        return False
    next(path for path in found if path != newest_whole).unlink(missing_ok=True)
    return True


def _is_whole(path: Path) -> bool:
    try:
        with open_regular(path) as file:
            check_digest(file)
    except Exception:
        return False
    return True


def load_checkpoint(run_dir: Path, device: torch.device) -> dict[str, Any]:
    """Return the newest checkpoint of a run; nothing in it is executed. Raises InputError if there is none or it is damaged."""
    state = _read(_newest_first(run_dir)[0], device)
    if state is None:
        raise _damaged(run_dir)
    return state


def load_readable(run_dir: Path, device: torch.device) -> tuple[dict[str, Any], list[str]]:
    """Return the newest checkpoint that is not damaged, and a sentence on those that are. Raises InputError if there is none."""
    found = _newest_first(run_dir)
    for number, path in enumerate(found):
        state = _read(path, device)
        if state is not None:
            damaged = " and ".join(each.name for each in found[:number])
            return state, [f"{damaged} cannot be read; {path.name} is taken"] if damaged else []
    if len(found) > 1:
        folder = run_dir / CHECKPOINT_FOLDER
        raise InputError(f"All {len(found)} checkpoints in {folder} are damaged.", "Restore one, or start a new run.")
    raise _damaged(run_dir)


def _newest_first(run_dir: Path) -> list[Path]:
    found = sorted_checkpoints(run_dir)[::-1]
    if not found:
        raise InputError(f"{run_dir} has no checkpoint to resume from.", "Only runs that saved one can be resumed.")
    return found


def _read(path: Path, device: torch.device) -> dict[str, Any] | None:
    """Return what a checkpoint holds, or None if the file is damaged. Raises InputError where a whole file cannot be read.

    Anything may be raised while a stranger's file is unpickled, however little of the pickle language is allowed.
    """
    try:
        with open_regular(path) as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            check_digest(file)
            state = torch.load(file, map_location=device, weights_only=True)
    except PermissionError as error:
        raise InputError(f"The checkpoint {path} cannot be read: {error.strerror}.", "Check its permissions.") from None
    except Exception as error:
        if is_lack_of_memory(error):
            text = f"There is not enough memory to load the checkpoint {path}."
            raise InputError(text, "Free some memory; the file itself is whole.") from None
        return None
    return state if isinstance(state, dict) else None


def is_lack_of_memory(error: Exception) -> bool:
    """Return whether an exception comes from memory that ran out; torch has a class of exceptions for that on a GPU alone."""
    return isinstance(error, MemoryError | torch.OutOfMemoryError) or "can't allocate memory" in str(error)


def _damaged(run_dir: Path) -> InputError:
    found = sorted_checkpoints(run_dir)
    if len(found) > 1:
        return InputError(f"The checkpoint {found[-1]} is damaged.", f"Without it, {found[-2].name} is the newest.")
    return InputError(
        f"The checkpoint {found[-1]} is damaged, and there is no other.", "Restore it, or start a new run."
    )


def checkpoints_after(run_dir: Path, step: int) -> list[Path]:
    """Return the checkpoints of a run from beyond a step."""
    return [path for path in sorted_checkpoints(run_dir) if checkpoint_step(path) > step]
