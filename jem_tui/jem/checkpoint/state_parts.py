"""The parts of a run's state: chains, which the ranks share, random streams, which each rank has, and values that are equal on all ranks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import torch
from torch import Tensor

from jem_tui.errors import InputError
from jem_tui.jem.ranks.ranks import Ranks

KeyPath = tuple[str | int, ...]
"""The keys that lead to a value of a nested state."""
Part = Literal["chains", "own", "equal"]
"""Rows of a tensor that all ranks hold together, a tensor of one rank, or a tensor that is equal on all ranks."""

POOL = ("learner", "population")
STREAMS = ("learner", "generators")
MOMENTS = ("learner", "optimizer", "state")
CHAIN_FIELDS = ("x", "label", "age", "reseeds", "far_visits")
STATES = "x"
"""The field of a chain with its image."""


def part_at(path: KeyPath) -> Part:
    """Return the kind of the tensor at a path in the state of a run."""
    if path[:2] == POOL and len(path) == 4:
        return "chains" if path[3] in CHAIN_FIELDS else "own"
    if path[:2] == STREAMS and path[2:] != ("order",):
        return "own"
    return "equal"


def share_of(state: dict[str, Any], ranks: Ranks) -> dict[str, Any]:
    """Return this rank's share of the state that one process has saved: its rows of the chains, without the random streams of a rank.

    The state of a run of one process is returned unchanged.
    """
    return state if ranks.size == 1 else _share(state, (), ranks)


def halved(state: Any, path: KeyPath = ()) -> Any:
    """Return a state whose chains and moments of the optimizer are in half precision, and which loads like any other.

    Rounding moves a pixel in [−1, 1] by at most 2⁻¹² in float16, and an SGLD step adds noise of a scale such as 0.01. Moments need
    the range of bfloat16, and change by at most 2⁻⁹ of their values. Weights and their average stay, so that scores do not change.
    """
    if isinstance(state, Mapping):
        return {key: halved(value, (*path, key)) for key, value in state.items()}
    if not isinstance(state, Tensor) or state.dtype != torch.float32:
        return state
    if path[:2] == POOL and path[3:] == (STATES,):
        return state.half()
    return state.bfloat16() if path[:3] == MOMENTS and state.ndim else state


def rows_of(rank: int, size: int, rows: int) -> range:
    """Return the rows of a rank in a tensor that `size` ranks share. Raises InputError unless `size` divides `rows`."""
    if rows % size:
        raise InputError(
            f"{size} ranks cannot share the {rows:,} chains of the checkpoint equally.",
            f"Resume with a number of ranks that divides {rows:,}.",
        )
    return range(rank * rows // size, (rank + 1) * rows // size)


def _share(state: Mapping[Any, Any], path: KeyPath, ranks: Ranks) -> dict[Any, Any]:
    share: dict[Any, Any] = {}
    for key, value in state.items():
        where = (*path, key)
        if isinstance(value, Mapping):
            share[key] = _share(value, where, ranks)
        elif not isinstance(value, Tensor) or part_at(where) == "equal":
            share[key] = value
        elif part_at(where) == "chains":
            rows = rows_of(ranks.rank, ranks.size, len(value))
            share[key] = value[rows.start : rows.stop].clone()
    return share
