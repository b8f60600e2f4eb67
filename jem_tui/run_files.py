"""Names of run folders and of the files in them, and the paths of their checkpoints."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

RUN_FILE = "run.json"
MODEL_FILE = "model.npz"
SHARED_FILE_PREFIX = ".jem-tui-ranks-"
"""Beginning of the name of a short-lived file that shows whether all ranks see the run folder."""
ERROR_FILE = "error.txt"
CHECKPOINT_FOLDER = "checkpoints"
CHECKPOINT_PATTERN = "step_*"
REPLACED = ".old"
"""Suffix of a checkpoint folder while another one of the same step takes its place."""
_CHECKPOINT_NAME = re.compile(rf"step_[0-9]+(\.pt|{re.escape(REPLACED)})?")


def checkpoint_path(run_dir: Path, step: int, ranks: int = 1) -> Path:
    """Return the path of the checkpoint of an optimizer step: the file `checkpoints/step_000500.pt`, of several ranks the folder `step_000500`."""
    return run_dir / CHECKPOINT_FOLDER / f"step_{step:06d}{'.pt' if ranks == 1 else ''}"


def checkpoint_step(path: Path) -> int:
    """Return the optimizer step of a checkpoint from its path."""
    return int(path.stem.removeprefix("step_"))


def sorted_checkpoints(run_dir: Path) -> list[Path]:
    """Return the paths of all checkpoints of a run, oldest first.

    A folder that was being replaced when the process was killed comes before its replacement.
    """
    found = (run_dir / CHECKPOINT_FOLDER).glob(CHECKPOINT_PATTERN)
    named = [path for path in found if _CHECKPOINT_NAME.fullmatch(path.name)]
    return sorted(named, key=lambda path: (checkpoint_step(path), path.suffix != REPLACED, path.name))


def distinct_names(folders: Sequence[Path]) -> list[str]:
    """Return names that differ, one for each run folder: its path below the folder that all have in common.

    A single folder is called by its own name, and one that is given twice is numbered.
    """
    full = [folder.resolve() for folder in folders]
    shared = Path(os.path.commonpath([folder.parent for folder in full]))
    names = [str(folder.relative_to(shared)) for folder in full]
    return [
        name if names.index(name) == i else f"{name} ({names[: i + 1].count(name)})" for i, name in enumerate(names)
    ]
