"""Everything that a run needs to go on as if it had not stopped, in one file that is never half-written."""

from __future__ import annotations

import errno
import io
import os
import pickle
from contextlib import suppress
from pathlib import Path
from typing import Any

import torch

from jem_tui.errors import InputError, JemError

FOLDER = "checkpoints"
PATTERN = "step_*.pt"


def save_checkpoint(run_dir: Path, step: int, state: dict[str, Any], keep: int) -> Path:
    """Write `checkpoints/step_000500.pt` and delete all but the newest `keep`. Raises JemError if it cannot be written."""
    path = run_dir / FOLDER / f"step_{step:06d}.pt"
    unfinished = path.with_suffix(".tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        for stale in path.parent.glob("step_*.tmp"):  # of a run that was killed while it wrote
            stale.unlink()
        content = io.BytesIO()
        torch.save(state, content)
        try:
            _write(unfinished, content)
        except OSError as error:
            spare = sorted_checkpoints(run_dir)[:-1]
            if error.errno != errno.ENOSPC or not spare:
                raise
            spare[0].unlink()  # on a full disk an older one makes room for the new one
            _write(unfinished, content)
        unfinished.replace(path)
        _sync_folder(path.parent)
        for old in sorted_checkpoints(run_dir)[:-keep]:
            old.unlink(missing_ok=True)
    except OSError as error:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
        raise JemError(
            f"Cannot write the checkpoint {path}: {error.strerror}.", "Free some space or choose another --run-dir."
        ) from None
    return path


def load_checkpoint(run_dir: Path, device: torch.device) -> dict[str, Any]:
    """The newest checkpoint of a run; nothing in it is executed. Raises InputError if there is none or it is damaged."""
    found = sorted_checkpoints(run_dir)
    if not found:
        raise InputError(f"{run_dir} has no checkpoint to resume from.", "Only runs that saved one can be resumed.")
    try:
        state: dict[str, Any] = torch.load(found[-1], map_location=device, weights_only=True)
    except (OSError, RuntimeError, EOFError, ValueError, pickle.UnpicklingError):
        raise InputError(
            f"The checkpoint {found[-1]} is damaged.", "Delete it, and --resume takes the one before it."
        ) from None
    return state


def sorted_checkpoints(run_dir: Path) -> list[Path]:
    """The checkpoints of a run, oldest first."""
    return sorted((run_dir / FOLDER).glob(PATTERN), key=lambda path: (len(path.name), path.name))


def checkpoints_after(run_dir: Path, step: int) -> list[Path]:
    """The checkpoints of a run from beyond a step."""
    return [path for path in sorted_checkpoints(run_dir) if int(path.stem.removeprefix("step_")) > step]


def _write(path: Path, content: io.BytesIO) -> None:
    with path.open("wb", buffering=0) as file:
        rest = content.getbuffer()
        while rest:
            rest = rest[file.write(rest) :]
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Have the new name on the disk, too, where the system can do that."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
