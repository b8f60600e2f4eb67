"""States of ranks for tests of sharded checkpoints."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from jem_tui.config.schema import RecordConfig
from jem_tui.events.run import At, Event
from jem_tui.jem.checkpoint.checkpoint_writer import CheckpointWriter
from jem_tui.jem.checkpoint.load_checkpoint import load_newest_checkpoint
from jem_tui.jem.checkpoint.state_parts import share_of
from jem_tui.jem.ranks.ranks import Ranks
from jem_tui.run_files import CHECKPOINT_FOLDER
from tests.ranks.threads import on_threads

CPU = torch.device("cpu")
CHAINS, EXPLORERS = 12, 6


def whole_pool(count: int, step: int) -> dict[str, Tensor]:
    """Return the chains of all ranks, each of another value."""
    x = torch.arange(count * 12, dtype=torch.float32).view(count, 3, 2, 2) / 7 + step
    facts = {name: torch.arange(count) + place for place, name in enumerate(("label", "age", "reseeds", "far_visits"))}
    return {"x": x, **facts}


def state_of(rank: int, size: int, step: int = 1) -> dict[str, Any]:
    """Return a state of a rank with everything that the state of a trainer has."""

    def pool(count: int) -> dict[str, Any]:
        rows = slice(rank * count // size, (rank + 1) * count // size)
        whole = {name: value[rows] for name, value in whole_pool(count, step).items()}
        return {**whole, "order": torch.arange(count // size).flip(0) + rank, "position": 3}

    weight = torch.linspace(-1, 1, 24).view(2, 3, 2, 2) * step
    tied = torch.full((4,), 0.25)
    learner = {
        "network": {"a.weight": weight.to(memory_format=torch.channels_last), "tied.1": tied, "tied.2": tied},
        "optimizer": {
            "state": {0: {"step": torch.tensor(float(step)), "exp_avg": weight * 2}},
            "param_groups": [{"lr": 1e-3, "betas": (0.0, 0.999), "foreach": None, "fused": True, "params": [0, 1]}],
        },
        "population": {"buffer": pool(CHAINS), "explorers": pool(EXPLORERS)},
        "batches": {"order": torch.arange(30), "position": 7},
        "generators": {
            "order": torch.Generator().manual_seed(1).get_state(),
            "noise": torch.Generator().manual_seed(10 + rank).get_state(),
        },
    }
    return {"schema": 1, "step": step, "final": False, "learner": learner, "recovery": {"xe": [0.1, float("inf")]}}


def save(run_dir: Path, ranks: Ranks, step: int = 1, keep: int = 2) -> list[Event]:
    """Return the events of saving a checkpoint on a rank."""
    return list(writer(run_dir, ranks, step, keep).try_to_save(step))


def writer(run_dir: Path, ranks: Ranks, step: int = 1, keep: int = 2) -> CheckpointWriter:
    record = RecordConfig(keep_checkpoints=keep)
    return CheckpointWriter(
        run_dir, record, lambda: state_of(ranks.rank, ranks.size, step), lambda: At(step, step, 0.0), ranks
    )


def saved_by(run_dir: Path, size: int, step: int = 1, keep: int = 2) -> list[Event]:
    """Return the last event of saving on each of `size` ranks."""
    return [events[-1] for events in on_threads(size, lambda ranks: save(run_dir, ranks, step, keep))]


def loaded_by(run_dir: Path, size: int) -> list[dict[str, Any]]:
    """Return the state that each of `size` ranks loads."""
    return on_threads(size, lambda ranks: load_newest_checkpoint(run_dir, CPU, ranks)[0])


def same(a: Any, b: Any) -> bool:
    """Return whether two states are bit-equal in values, types and memory layout."""
    if isinstance(a, Tensor):
        return a.dtype == b.dtype and a.stride() == b.stride() and torch.equal(a, b)
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple):
        return type(a) is type(b) and len(a) == len(b) and all(map(same, a, b))
    return type(a) is type(b) and a == b


def names(run_dir: Path) -> list[str]:
    """Return the names in the folder of checkpoints."""
    return sorted(path.name for path in (run_dir / CHECKPOINT_FOLDER).iterdir())


def folder(run_dir: Path, step: int = 1) -> Path:
    """Return the checkpoint of several ranks of a step."""
    return run_dir / CHECKPOINT_FOLDER / f"step_{step:06d}"


def reshard(run_dir: Path, size: int) -> None:
    """Replace the newest checkpoint of a run of one process by one that `size` ranks have written."""
    whole = load_newest_checkpoint(run_dir, CPU)[0]

    def write(ranks: Ranks) -> None:
        state = share_of(whole, ranks)
        state["learner"]["generators"] |= whole["learner"]["generators"]
        each = CheckpointWriter(run_dir, RecordConfig(keep_checkpoints=1), lambda: state, lambda: At(0, 0, 0.0), ranks)
        list(each.save(whole["step"]))

    on_threads(size, write)
