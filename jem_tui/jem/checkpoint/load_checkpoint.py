"""Reading of the newest intact checkpoint, from which training resumes bit-identically; any number of ranks reads either kind."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import torch

from jem_tui.errors import InputError
from jem_tui.jem.checkpoint.on_all_ranks import DamagedPartError, FailedOnRanksError, on_all_ranks
from jem_tui.jem.checkpoint.sharded_checkpoint import read_sharded
from jem_tui.jem.checkpoint.state_parts import share_of
from jem_tui.jem.checkpoint.zip_digest import check_digest
from jem_tui.jem.ranks.ranks import ALONE, Ranks
from jem_tui.regular_file import open_regular
from jem_tui.run_files import CHECKPOINT_FOLDER, sorted_checkpoints

MISFIT = (LookupError, RuntimeError, ValueError, TypeError, AttributeError, ArithmeticError)
"""Exceptions from loading a state into a network, buffer or trainer with other settings."""


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
