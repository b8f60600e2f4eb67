"""Checkpoints of several ranks: a folder to which every rank writes its part, and which any number of ranks reads."""

from __future__ import annotations

import errno
import hashlib
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from jem_tui.atomic_file import SUFFIX, clear_unfinished, replace_file, replace_folder
from jem_tui.jem.checkpoint.disk_reserve import size_of_checkpoint
from jem_tui.jem.checkpoint.manifest import MANIFEST, Manifest, read_manifest
from jem_tui.jem.checkpoint.on_all_ranks import DamagedPartError, FailedOnRanksError, on_all_ranks, on_rank_0
from jem_tui.jem.checkpoint.shard import check_shard, own_name, read_shard, shard_content, shard_name, tensors_of_rank
from jem_tui.jem.checkpoint.state_parts import Part, rows_of
from jem_tui.jem.checkpoint.state_tree import Tensors, from_tree, to_tree
from jem_tui.jem.ranks.ranks import ALONE, Ranks
from jem_tui.run_files import CHECKPOINT_PATTERN, REPLACED

MakeRoom = Callable[[FailedOnRanksError], bool]
"""Frees disk space on rank 0 and returns on all ranks whether another attempt makes sense."""


def write_sharded(path: Path, state: Callable[[], dict[str, Any]], ranks: Ranks, make_room: MakeRoom) -> None:
    """Write the folder `path` together with all ranks, each of which calls this function with its own `state`.

    Raises FailedOnRanksError on all ranks if it fails on any, and then leaves no unfinished folder.
    """
    tensors: Tensors = {}
    tree: list[Any] = []

    def pack() -> bytes:
        tree.append(to_tree(state(), tensors))
        return shard_content(tensors, ranks.rank)

    content = on_all_ranks(ranks, pack)
    # A name that was used before could lead another machine, through its cache of a network file system, to an older folder.
    token = ranks.texts(secrets.token_hex(4) if ranks.rank == 0 else "")[0]
    unfinished = path.with_name(f".{path.name}.{token}{SUFFIX}")
    try:
        on_rank_0(ranks, lambda: _begin(unfinished))
        shards = _write_shards(unfinished, content, ranks, make_room)
        manifest = Manifest(shards=shards, state=tree[0])
        _with_room(ranks, lambda: _finish(path, unfinished, manifest) if ranks.rank == 0 else None, make_room)
    except FailedOnRanksError:
        if ranks.rank == 0:
            with suppress(OSError):
                clear_unfinished(path.parent, CHECKPOINT_PATTERN)
        raise


def read_sharded(path: Path, device: torch.device, ranks: Ranks = ALONE) -> dict[str, Any]:
    """Return this rank's state from the folder `path`, which any number of ranks may have written; no code in it is executed.

    If the number of ranks differs, the chains are divided in the order of the ranks, and the random streams of single ranks are left out.
    Raises InputError if these ranks cannot share the chains equally; any other exception indicates damage.
    """
    with _named(MANIFEST):
        manifest = read_manifest(path)
    sharers = _sharers(ranks, manifest.ranks)
    shards = {}
    for number in sorted({0, *sharers}):
        with _named(name := shard_name(number)):
            shards[number] = read_shard(path / name, manifest.shards[number])

    def find(part: Part, name: str) -> Tensor | None:
        if part == "equal":
            return shards[0][name].to(device)
        if part == "own":
            same = ranks.size == manifest.ranks
            return shards[ranks.rank][own_name(ranks.rank, name)].to(device) if same else None
        return _rows(ranks, manifest.ranks, {number: shards[number][name] for number in sharers}).to(device)

    state: dict[str, Any] = from_tree(manifest.state, find)
    return state


@contextmanager
def _named(name: str) -> Iterator[None]:
    """Raise DamagedPartError in place of the errors of a file `name` that is missing or damaged."""
    try:
        yield
    except FileNotFoundError as error:
        raise DamagedPartError(f"{name} is missing") from error
    except (ValueError, TypeError, LookupError) as error:
        raise DamagedPartError(f"{name} is damaged") from error


def check_sharded(path: Path) -> None:
    """Verify every file of the folder `path`. Raises an exception if one is missing or damaged."""
    for number, digest in enumerate(read_manifest(path).shards):
        check_shard(path / shard_name(number), digest)


def size_of(path: Path) -> int:
    """Return the bytes of a checkpoint, which is a file or a folder. Raises OSError."""
    return sum(file.stat().st_size for file in path.iterdir()) if path.is_dir() else path.stat().st_size


def size_of_sharded(state: dict[str, Any], ranks: Ranks) -> int:
    """Return an upper estimate of the bytes of the folder that all ranks write; every rank calls this function with its own state."""
    tensors: Tensors = {}
    to_tree(state, tensors)
    return sum(int(row[0]) for row in ranks.numbers(size_of_checkpoint(tensors_of_rank(tensors, ranks.rank))))


def _begin(unfinished: Path) -> None:
    unfinished.parent.mkdir(parents=True, exist_ok=True)
    clear_unfinished(unfinished.parent, CHECKPOINT_PATTERN)
    unfinished.mkdir()


def _write_shards(folder: Path, content: bytes, ranks: Ranks, make_room: MakeRoom) -> list[str]:
    """Write the file of each rank, and return their digests."""
    path = folder / shard_name(ranks.rank)

    def write() -> None:
        # A rank whose file is complete waits for the attempts of the others.
        if not path.is_file():
            replace_file(path, content)

    _with_room(ranks, write, make_room)
    return ranks.texts(hashlib.sha256(content).hexdigest())


def _with_room(ranks: Ranks, write: Callable[[], object], make_room: MakeRoom) -> None:
    """Write together, again as long as `make_room` frees space for ranks that have failed."""
    while True:
        try:
            on_all_ranks(ranks, write)
            return
        except FailedOnRanksError as failed:
            if not make_room(failed):
                raise


def _finish(path: Path, unfinished: Path, manifest: Manifest) -> None:
    """Complete the folder on rank 0. Raises FileNotFoundError if rank 0 does not find the file of every rank."""
    for rank in range(manifest.ranks):
        if not (unfinished / shard_name(rank)).is_file():
            raise FileNotFoundError(
                errno.ENOENT, f"the file of rank {rank} is missing, as on a disk that ranks do not share"
            )
    replace_file(unfinished / MANIFEST, manifest.content())
    replace_folder(path, unfinished, path.with_suffix(REPLACED))


def _sharers(ranks: Ranks, writers: int) -> list[int]:
    """Return the ranks among the `writers` of a checkpoint that hold chains of this rank."""
    first, last = ranks.rank * writers // ranks.size, -(-(ranks.rank + 1) * writers // ranks.size)
    return list(range(first, last))


def _rows(ranks: Ranks, writers: int, pieces: Mapping[int, Tensor]) -> Tensor:
    """Return this rank's chains from the `pieces` (n, …), the chains that the ranks of the checkpoint held, by rank."""
    held = len(next(iter(pieces.values())))
    if any(len(piece) != held for piece in pieces.values()):
        raise ValueError("the ranks hold different numbers of chains")
    rows = rows_of(ranks.rank, ranks.size, held * writers)
    parts = [piece[max(0, rows.start - held * n) : max(0, rows.stop - held * n)] for n, piece in pieces.items()]
    return torch.cat(parts) if len(parts) > 1 else parts[0]
