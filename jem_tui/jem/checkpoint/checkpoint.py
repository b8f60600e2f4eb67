"""Checkpoints: the complete state of a run in one file, from which training resumes bit-identically. No file is left half-written."""

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
"""Exceptions from loading a state into a network, buffer or trainer with other settings."""


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
    _delete_others(run_dir, step, keep)
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


def _delete_others(run_dir: Path, step: int, keep: int) -> None:
    """Delete the void checkpoints, which are later than `step`, and all but the newest `keep` of the rest."""
    found, void = sorted_checkpoints(run_dir), checkpoints_after(run_dir, step)
    kept = found[: len(found) - len(void)][-keep:]
    for path in found:
        if path not in kept:
            with suppress(OSError):
                path.unlink(missing_ok=True)


def make_room(run_dir: Path, reserve: Reserve | None = None) -> bool:
    """Release the reserve, else delete the oldest checkpoint but never the newest intact one; return whether anything was freed."""
    if reserve is not None and reserve.release():
        return True
    found = sorted_checkpoints(run_dir)
    newest_intact = next(filter(_is_intact, reversed(found)), None)
    if newest_intact is None or len(found) == 1:
        return False
    next(path for path in found if path != newest_intact).unlink(missing_ok=True)
    return True


def _is_intact(path: Path) -> bool:
    try:
        with open_regular(path) as file:
            check_digest(file)
    except Exception:
        return False
    return True


def load_newest_checkpoint(run_dir: Path, device: torch.device) -> tuple[dict[str, Any], list[str]]:
    """Return the state in the newest intact checkpoint and a warning about newer damaged ones; no code in a file is executed.

    Raises InputError if there is no checkpoint, if all are damaged, or if an intact one cannot be read.
    """
    found = sorted_checkpoints(run_dir)[::-1]
    if not found:
        raise InputError(
            f"{run_dir} has no checkpoint to resume from.",
            "Start a new run; a run can be resumed once it has saved a checkpoint.",
        )
    for number, path in enumerate(found):
        state = _read(path, device)
        if state is not None:
            damaged = " and ".join(each.name for each in found[:number])
            return state, [f"{damaged} cannot be read; {path.name} is used instead"] if damaged else []
    raise _all_damaged(run_dir, found)


def _all_damaged(run_dir: Path, found: list[Path]) -> InputError:
    if len(found) > 1:
        folder = run_dir / CHECKPOINT_FOLDER
        return InputError(f"All {len(found)} checkpoints in {folder} are damaged.", "Restore one, or start a new run.")
    text = f"The checkpoint {found[0]} is damaged, and there is no other."
    return InputError(text, "Restore it, or start a new run.")


def _read(path: Path, device: torch.device) -> dict[str, Any] | None:
    """Return the state in a checkpoint, or None if the file is damaged. Raises InputError where an intact file cannot be read.

    Unpickling a file from elsewhere may raise any exception, even with the restricted pickle language.
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
            raise InputError(text, "Free some memory; the file is intact.") from None
        return None
    return state if isinstance(state, dict) else None


def is_lack_of_memory(error: Exception) -> bool:
    """Return whether memory ran out; torch has an exception class of its own for that on GPUs only."""
    return isinstance(error, MemoryError | torch.OutOfMemoryError) or "can't allocate memory" in str(error)


def checkpoints_after(run_dir: Path, step: int) -> list[Path]:
    """Return the checkpoints of a run that are later than an optimizer step."""
    return [path for path in sorted_checkpoints(run_dir) if checkpoint_step(path) > step]
