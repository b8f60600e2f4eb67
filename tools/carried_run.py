"""A run folder made small enough to carry between machines, in parts of a limited size, and put together again."""

from __future__ import annotations

import shutil
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from jem_tui.jem.checkpoint.checkpoint import load_newest_checkpoint, save_checkpoint
from jem_tui.run_files import sorted_checkpoints

PART = 16_000_000
"""Bytes of one part."""
NAME = "run.tar.gz"
HALVED = {"x": torch.float16, "exp_avg": torch.bfloat16, "exp_avg_sq": torch.bfloat16, "average": torch.float16}
"""Parts of a state in half precision. Chains lose less than a tenth of the noise of one SGLD step, the optimizer's moments need
their range and not their digits, and the averaged weights are followed up by those in full."""


def pack(run_dir: Path, out: Path) -> list[Path]:
    """Write the run with its newest checkpoint, halved, as `run.tar.gz.00`, `run.tar.gz.01`, … into `out`."""
    small = run_dir.with_name(run_dir.name + "-small")
    shutil.rmtree(small, ignore_errors=True)
    shutil.copytree(run_dir, small, ignore=shutil.ignore_patterns("checkpoints"))
    if sorted_checkpoints(run_dir):
        state = load_newest_checkpoint(run_dir, torch.device("cpu"))[0]
        save_checkpoint(small, state["step"], halved(state), keep=1)
    whole = out / NAME
    with tarfile.open(whole, "w:gz", compresslevel=1) as archive:
        archive.add(small, arcname="run")
    shutil.rmtree(small)
    return split(whole)


def unpack(out: Path, into: Path) -> Path:
    """Return the run folder that `pack` has put into `out`, now inside `into`."""
    whole = into / NAME
    with whole.open("wb") as target:
        for part in sorted(out.glob(f"{NAME}.*")):
            target.write(part.read_bytes())
    with tarfile.open(whole) as archive:
        archive.extractall(into, filter="data")
    whole.unlink()
    return into / "run"


def halved(state: Any, kind: torch.dtype | None = None) -> Any:
    """Return a checkpoint's state with the parts of `HALVED` in half precision; a trainer can load the result."""
    if isinstance(state, Mapping):
        return {key: halved(value, HALVED.get(str(key), kind)) for key, value in state.items()}
    return state.to(kind) if kind and isinstance(state, Tensor) and state.dtype == torch.float32 else state


def split(path: Path) -> list[Path]:
    """Cut the file into parts, which take its place."""
    content = path.read_bytes()
    path.unlink()
    parts = []
    for number, start in enumerate(range(0, len(content), PART)):
        parts.append(path.with_name(f"{path.name}.{number:02d}"))
        parts[-1].write_bytes(content[start : start + PART])
    return parts
