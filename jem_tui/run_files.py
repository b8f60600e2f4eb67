"""Names of the files in a run folder, and the paths of its checkpoints."""

from __future__ import annotations

import re
from pathlib import Path

RUN_FILE = "run.json"
ERROR_FILE = "error.txt"
CHECKPOINT_FOLDER = "checkpoints"
CHECKPOINT_PATTERN = "step_*.pt"
_CHECKPOINT_NAME = re.compile(r"step_[0-9]+\.pt")


def checkpoint_path(run_dir: Path, step: int) -> Path:
    """Return the path of the checkpoint of an optimizer step, such as `checkpoints/step_000500.pt`."""
    return run_dir / CHECKPOINT_FOLDER / f"step_{step:06d}.pt"


def checkpoint_step(path: Path) -> int:
    """Return the optimizer step of a checkpoint from its path."""
    return int(path.stem.removeprefix("step_"))


def sorted_checkpoints(run_dir: Path) -> list[Path]:
    """Return the paths of all checkpoints of a run, oldest first."""
    found = (run_dir / CHECKPOINT_FOLDER).glob(CHECKPOINT_PATTERN)
    return sorted((path for path in found if _CHECKPOINT_NAME.fullmatch(path.name)), key=checkpoint_step)
