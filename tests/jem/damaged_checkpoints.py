"""Damaged checkpoints, and the results of loading these files.

By hand, with the distance between two flipped bits: `python -m tests.jem.damaged_checkpoints 1` flips every bit.
"""

from __future__ import annotations

import pickle
import sys
import tempfile
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import torch

from jem_tui.errors import InputError
from jem_tui.jem.checkpoint.load_checkpoint import load_newest_checkpoint
from jem_tui.jem.checkpoint.save_checkpoint import save_checkpoint

CPU = torch.device("cpu")
PAGE = 4096
STATE = {"step": 7, "learner": {"weight": torch.arange(3000, dtype=torch.float32), "names": ["a", "b"]}, "told": None}


def loaded(path: Path, content: bytes) -> object:
    """Return the state loaded from a checkpoint with this content; None if it is refused."""
    path.write_bytes(content)
    try:
        return load_newest_checkpoint(path.parent.parent, CPU)[0]
    except InputError as error:
        assert "damaged" in str(error)
        return None


def is_original(state: object) -> bool:
    return pickle.dumps(_as_lists(state)) == pickle.dumps(_as_lists(STATE))


def _as_lists(value: object) -> object:
    if isinstance(value, dict):
        return {name: _as_lists(entry) for name, entry in value.items()}
    return (str(value.dtype), value.numpy().tobytes()) if isinstance(value, torch.Tensor) else value


def flips(content: bytes, every: int) -> Iterator[bytes]:
    for bit in range(0, 8 * len(content), every):
        changed = bytearray(content)
        changed[bit // 8] ^= 1 << bit % 8
        yield bytes(changed)


def blank_pages(content: bytes) -> Iterator[bytes]:
    for start in range(0, len(content), PAGE):
        page = content[start : start + PAGE]
        if page.strip(b"\0"):
            yield content[:start] + bytes(len(page)) + content[start + PAGE :]


def cuts(content: bytes) -> Iterator[bytes]:
    return (content[:size] for size in range(0, len(content), 211))


def main(every: int = 3) -> str:
    """Damage a checkpoint in every way; return how many loads were refused, equal to the original, or of another state."""
    with tempfile.TemporaryDirectory() as folder:
        path = save_checkpoint(Path(folder), 7, STATE, keep=1)
        content = path.read_bytes()
        states = [
            loaded(path, changed) for changed in chain(flips(content, every), blank_pages(content), cuts(content))
        ]
    refused = states.count(None)
    equal = sum(1 for state in states if state is not None and is_original(state))
    assert refused + equal == len(states), f"{len(states) - refused - equal} loads gave another model"
    return f"{len(states):,} kinds of damage: {refused:,} refused, {equal:,} without effect, 0 another model"


if __name__ == "__main__":
    print(main(*map(int, sys.argv[1:])))
