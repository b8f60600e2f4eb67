"""Checkpoints: the complete state of a run, from which training resumes bit-identically. One process writes a file, several ranks a folder.

No checkpoint is left half-written. Any number of ranks reads either kind.
"""

from __future__ import annotations

import io
import json
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import torch

from jem_tui.atomic_file import NO_ROOM, clear_unfinished, remove_whole, replace_by_parts
from jem_tui.errors import InputError, JemError
from jem_tui.jem.checkpoint.disk_reserve import Reserve
from jem_tui.jem.checkpoint.on_all_ranks import DamagedPartError, FailedOnRanksError, on_all_ranks
from jem_tui.jem.checkpoint.sharded_checkpoint import check_sharded, read_sharded, write_sharded
from jem_tui.jem.checkpoint.state_parts import share_of
from jem_tui.jem.checkpoint.zip_digest import check_digest, with_digest
from jem_tui.jem.ranks.ranks import ALONE, Ranks
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


def load_newest_checkpoint(
    run_dir: Path, device: torch.device, ranks: Ranks = ALONE
) -> tuple[dict[str, Any], list[str]]:
    """Return the state in the newest intact checkpoint and a warning about newer damaged ones; no code in a file is executed.

    All ranks of a run call this function together, and each receives its own share: its rows of the chains, and its random streams
    if the same number of ranks has saved the checkpoint; otherwise `generators` contains only the stream `order`.

    Raises InputError on all ranks if there is no checkpoint, if all are damaged, or if an intact one cannot be read.
    """
    found = _found_by_first(run_dir, ranks)[::-1]
    if not found:
        raise InputError(
            f"{run_dir} has no checkpoint to resume from.",
            "Start a new run; a run can be resumed once it has saved a checkpoint.",
        )
    damaged: list[str] = []
    for path in found:
        try:
            state = _read_on_all_ranks(path, device, ranks)
        except FailedOnRanksError as failed:
            named = next((each for each in failed.failures if each.part), None)
            damaged.append(f" ({named.text})" if named else "")
            continue
        unread = " and ".join(f"{each.name}{why}" for each, why in zip(found, damaged, strict=False))
        return state, [f"{unread} cannot be read; {path.name} is used instead"] if unread else []
    raise _all_damaged(run_dir, found, damaged[0])


def _found_by_first(run_dir: Path, ranks: Ranks) -> list[Path]:
    """Return the checkpoints that rank 0 finds, oldest first."""
    names = json.dumps([path.name for path in sorted_checkpoints(run_dir)]) if ranks.rank == 0 else ""
    return [run_dir / CHECKPOINT_FOLDER / name for name in json.loads(ranks.texts(names)[0])]


def _all_damaged(run_dir: Path, found: list[Path], why: str) -> InputError:
    """Return the error for checkpoints of which none can be read; `why` names the part of the newest one."""
    if len(found) > 1:
        folder = run_dir / CHECKPOINT_FOLDER
        return InputError(f"All {len(found)} checkpoints in {folder} are damaged.", "Restore one, or start a new run.")
    text = f"The checkpoint {found[0]} is damaged{why}, and there is no other."
    return InputError(text, "Restore it, or start a new run.")


def _read_on_all_ranks(path: Path, device: torch.device, ranks: Ranks) -> dict[str, Any]:
    """Return this rank's share of a checkpoint.

    Raises InputError on all ranks where any rank cannot read an intact checkpoint, and FailedOnRanksError where any part is damaged.
    """
    try:
        return on_all_ranks(ranks, lambda: _read(path, device, ranks))
    except FailedOnRanksError as failed:
        refusal = next((failure for failure in failed.failures if failure.hint), None)
        if refusal is None:
            raise
        raise InputError(refusal.text, refusal.hint) from None


def _read(path: Path, device: torch.device, ranks: Ranks) -> dict[str, Any]:
    """Return this rank's share of a checkpoint. Raises InputError where an intact one cannot be read, ValueError for a damaged one.

    Unpickling a file from elsewhere may raise any exception, even with the restricted pickle language.
    """
    try:
        state = read_sharded(path, device, ranks) if path.is_dir() else share_of(_read_file(path, device), ranks)
    except (InputError, DamagedPartError):
        raise
    except PermissionError as error:
        raise InputError(f"The checkpoint {path} cannot be read: {error.strerror}.", "Check its permissions.") from None
    except Exception as error:
        if is_lack_of_memory(error):
            text = f"There is not enough memory to load the checkpoint {path}."
            raise InputError(text, "Free some memory; the file is intact.") from None
        raise ValueError(f"{path.name} is damaged") from error
    if not isinstance(state, dict):
        raise ValueError(f"{path.name} holds no state of a run")
    return state


def _read_file(path: Path, device: torch.device) -> Any:
    with open_regular(path) as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        check_digest(file)
        return torch.load(file, map_location=device, weights_only=True)


def is_lack_of_memory(error: Exception) -> bool:
    """Return whether memory ran out; torch has an exception class of its own for that on GPUs only, and none for cuBLAS and cuDNN."""
    lacking = ("can't allocate memory", "STATUS_ALLOC_FAILED")
    return isinstance(error, MemoryError | torch.OutOfMemoryError) or any(words in str(error) for words in lacking)


def checkpoints_after(run_dir: Path, step: int) -> list[Path]:
    """Return the checkpoints of a run that are later than an optimizer step."""
    return [path for path in sorted_checkpoints(run_dir) if checkpoint_step(path) > step]
