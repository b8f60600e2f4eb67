"""A run folder made small enough to carry between machines, in parts of a limited size, and put together again."""

from __future__ import annotations

import shutil
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from jem_tui.jem.checkpoint import load_checkpoint, save_checkpoint, sorted_checkpoints

PART = 15_000_000
"""Bytes of one part."""
NAME = "run.tar"
HALVED = {"x": torch.float16, "exp_avg": torch.bfloat16, "exp_avg_sq": torch.bfloat16}
"""Chains lose less than a tenth of the noise of one SGLD step; the optimizer's moments need their range, not their digits."""


def pack(run_dir: Path, out: Path) -> list[Path]:
    """Write the run with its newest checkpoint, halved, as `run.tar.00`, `run.tar.01`, … into `out`."""
    small = run_dir.with_name(run_dir.name + "-small")
    shutil.rmtree(small, ignore_errors=True)
    shutil.copytree(run_dir, small, ignore=shutil.ignore_patterns("checkpoints"))
    if sorted_checkpoints(run_dir):
        state = load_checkpoint(run_dir, torch.device("cpu"))
        save_checkpoint(small, state["step"], halved(state), keep=1)
    whole = out / NAME
    with tarfile.open(whole, "w") as archive:
        archive.add(small, arcname="run")
    shutil.rmtree(small)
    return split(whole)


def unpack(out: Path, into: Path) -> Path:
    """The run folder that `pack` has put into `out`, now inside `into`."""
    whole = into / NAME
    with whole.open("wb") as target:
        for part in sorted(out.glob(f"{NAME}.*")):
            target.write(part.read_bytes())
    with tarfile.open(whole) as archive:
        archive.extractall(into, filter="data")
    whole.unlink()
    return into / "run"


def halved(state: Any, name: str = "") -> Any:
    """A checkpoint's state with the tensors of `HALVED` in half precision; a trainer loads it as it is."""
    if isinstance(state, Mapping):
        return {key: halved(value, str(key)) for key, value in state.items()}
    if isinstance(state, Tensor) and name in HALVED and state.dtype == torch.float32:
        return state.to(HALVED[name])
    return state


def split(path: Path) -> list[Path]:
    """The file cut into parts, which take its place."""
    content = path.read_bytes()
    path.unlink()
    parts = []
    for number, start in enumerate(range(0, len(content), PART)):
        parts.append(path.with_name(f"{path.name}.{number:02d}"))
        parts[-1].write_bytes(content[start : start + PART])
    return parts
